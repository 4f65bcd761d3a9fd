// What one assessment costs without the transport: time, and allocations, which must not grow with the rules that don't
// fire. Run build/release/bin/triage_engine_benchmark on an idle machine.
#include "services/triage/domain/engine.h"

#include <benchmark/benchmark.h>
#include <google/protobuf/util/json_util.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <new>

#include "services/triage/domain/interview.h"
#include "services/triage/domain/testing.h"
#include "services/triage/domain/verdict.h"
#include "source_dir.h"

namespace {

std::atomic<uint64_t> allocations = 0;

}  // namespace

// Counts for the whole program; nothing else runs beside a benchmark. Not inlined, or g++ would take them for
// mismatched.
[[gnu::noinline]] void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* place = std::malloc(size)) return place;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* place) noexcept { std::free(place); }
[[gnu::noinline]] void operator delete(void* place, size_t) noexcept { std::free(place); }

namespace lumbar::triage {
namespace {

// 25 findings: a runner who has answered 20 red flags with no and left 12 open.
v1::Presentation ReadCase() {
  std::ifstream file(LUMBAR_SOURCE_DIR "/services/triage/benchmark_case.json");
  const std::string json((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  v1::Presentation presentation;
  if (google::protobuf::util::JsonStringToMessage(json, &presentation).ok()) return presentation;
  std::fputs("services/triage/benchmark_case.json can't be read\n", stderr);
  std::abort();
}

const v1::Presentation& Case() {
  static const auto* presentation = new v1::Presentation(ReadCase());
  return *presentation;
}

// The shipped protocol, where each rule that doesn't fire for the case is there twice.
const CompiledProtocol& Doubled() {
  static const auto* doubled = [] {
    const Facts facts = *Shipped().ReadFacts(Case(), kTestTime);
    v1::Protocol definition = Shipped().definition();
    for (auto& rule_set : *definition.mutable_rule_sets()) {
      const auto rules = rule_set.rules();
      for (const auto& rule : rules) {
        if (Condition(rule.when(), Shipped().vocabulary()).Evaluate(facts) == Truth::kTrue) continue;
        auto* again = rule_set.add_rules();
        *again = rule;
        again->set_id(rule.id() + "_again");
      }
    }
    return new CompiledProtocol(definition);
  }();
  return *doubled;
}

template <typename Work>
void Measure(benchmark::State& state, const CompiledProtocol& protocol, const Work& work) {
  work();
  const uint64_t before = allocations.load();
  for (auto _ : state) work();
  size_t rules = 0;
  for (const auto& rule_set : protocol.rule_sets()) rules += rule_set.rules.size();
  state.counters["rules"] = static_cast<double>(rules);
  state.counters["findings"] = Case().findings_size();
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations.load() - before), benchmark::Counter::kAvgIterations);
}

// From the request to the whole explained answer, on an arena as in the service. Must stay below 10 us.
void Assess(benchmark::State& state, const CompiledProtocol& (*get)()) {
  const auto& protocol = get();
  alignas(8) static char block[12 * 1024];
  Measure(state, protocol, [&] {
    const auto facts = protocol.ReadFacts(Case(), kTestTime);
    google::protobuf::Arena arena(block, sizeof(block));
    auto* assessment = google::protobuf::Arena::CreateMessage<v1::Assessment>(&arena);
    AssessFacts(protocol, protocol.rule_sets().front(), *facts, kTestTime, *assessment);
    benchmark::DoNotOptimize(assessment);
  });
}

// The level, what fired and what is open, without words.
void JudgeAlone(benchmark::State& state, const CompiledProtocol& (*get)()) {
  const auto& protocol = get();
  const Facts facts = *protocol.ReadFacts(Case(), kTestTime);
  Measure(state, protocol, [&] { benchmark::DoNotOptimize(Judge(protocol, protocol.rule_sets().front(), facts)); });
}

void AskNext(benchmark::State& state, const CompiledProtocol& (*get)()) {
  const auto& protocol = get();
  const Facts facts = *protocol.ReadFacts(Case(), kTestTime);
  Measure(state, protocol,
          [&] { benchmark::DoNotOptimize(NextQuestion(protocol, protocol.rule_sets().front(), facts)); });
}

BENCHMARK_CAPTURE(Assess, shipped_rules, &Shipped);
BENCHMARK_CAPTURE(Assess, doubled_rules, &Doubled);
BENCHMARK_CAPTURE(JudgeAlone, shipped_rules, &Shipped);
BENCHMARK_CAPTURE(JudgeAlone, doubled_rules, &Doubled);
BENCHMARK_CAPTURE(AskNext, shipped_rules, &Shipped);
BENCHMARK_CAPTURE(AskNext, doubled_rules, &Doubled);

}  // namespace
}  // namespace lumbar::triage

BENCHMARK_MAIN();
