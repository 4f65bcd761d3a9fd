// No two owners of a tick at one time: looks for one order of all changes, each within its bounds.
//
// Two tenures of one tick must follow each other. If the bounds allow one order only, it is forced; if neither, that is
// a double booking. Where both are possible the server's own times are believed first, and then each such pair is
// turned round once. An order is a set of "before" edges without a ring, along which the bounds still hold.
#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "tests/chaos/model.h"

namespace lumbar::chaos {
namespace {

constexpr size_t kMostTurns = 64;

// Effect `first` comes before effect `second`.
struct Edge {
  int first;
  int second;
};

// Tenure `first` ends before tenure `second` begins.
struct Choice {
  const Tenure* first;
  const Tenure* second;
};

Effect& At(Model& model, int effect) { return model.effects[static_cast<size_t>(effect)]; }

class Builder {
 public:
  Builder(Model& model, Findings& findings) : model_(model), findings_(findings) {}

  void AddAll() {
    for (auto& [name, hold] : model_.holds) {
      if (hold.create >= 0) AddHold(name, hold);
    }
    for (size_t i = 0; i < model_.tenures.size(); ++i) {
      const Tenure& tenure = model_.tenures[i];
      auto& ticks = model_.by_tick[tenure.clinician];
      for (int64_t tick = tenure.first; tick <= tenure.last; ++tick) ticks[tick].push_back(static_cast<int>(i));
    }
  }

 private:
  void AddHold(const std::string& name, const HoldStory& hold) {
    Tenure tenure = TenureOf(hold.create, name, name);
    const Effect& made = At(model_, hold.create);
    if (hold.confirm >= 0) {
      At(model_, hold.confirm).hi = std::min(At(model_, hold.confirm).hi, made.visit.expire - 1);
      if (hold.release >= 0 && At(model_, hold.release).visit.state == "RELEASED") {
        findings_.Add("once", absl::StrCat(name, " was confirmed and given back"));
      }
      return AddAppointment(std::move(tenure), At(model_, hold.confirm).visit.name);
    }
    tenure.expire = made.visit.expire;
    if (hold.release >= 0) {
      Effect& release = At(model_, hold.release);
      if (release.visit.state == "RELEASED") {
        release.hi = std::min(release.hi, tenure.expire - 1);
        tenure.release = hold.release;
      } else {
        release.lo = std::max(release.lo, tenure.expire);
      }
    }
    model_.tenures.push_back(std::move(tenure));
  }

  void AddAppointment(Tenure tenure, const std::string& name) {
    tenure.owner = name;
    const std::vector<int>& versions = model_.appointments[name];
    for (size_t v = 1; v < versions.size(); ++v) {
      Tenure next = TenureOf(versions[v], tenure.chain, name);
      const bool over = At(model_, versions[v]).visit.state == "CANCELLED";
      const bool stays = next.clinician == tenure.clinician && next.first == tenure.first && next.last == tenure.last;
      if (stays && !over) continue;
      tenure.release = versions[v];
      model_.tenures.push_back(tenure);
      if (over) return;
      tenure = std::move(next);
    }
    model_.tenures.push_back(std::move(tenure));
  }

  Tenure TenureOf(int acquire, const std::string& chain, const std::string& owner) {
    const Visit& visit = At(model_, acquire).visit;
    Tenure tenure{visit.clinician, 0, -1, chain, owner, acquire};
    if (const VisitKind* kind = model_.KindOf(visit.clinician, visit.kind); kind != nullptr) {
      const Span span = SpanOf(*kind, visit.start);
      tenure.first = span.first, tenure.last = span.last;
    }
    return tenure;
  }

  Model& model_;
  Findings& findings_;
};

// A hold is made before anything becomes of it, and versions count up.
std::vector<Edge> StoryEdges(const Model& model) {
  std::vector<Edge> edges;
  for (const auto& [name, hold] : model.holds) {
    if (hold.create < 0) continue;
    for (const int later : {hold.confirm, hold.release}) {
      if (later >= 0) edges.push_back({hold.create, later});
    }
  }
  for (const auto& [name, versions] : model.appointments) {
    for (size_t v = 0; v + 1 < versions.size(); ++v) edges.push_back({versions[v], versions[v + 1]});
  }
  return edges;
}

// Narrows the bounds along `edges`. Returns what doesn't fit, or nothing.
std::optional<std::string> Narrow(std::vector<Effect>& effects, const std::vector<Edge>& edges) {
  std::vector<std::vector<int>> after(effects.size());
  std::vector<int> waiting(effects.size(), 0);
  for (const Edge& edge : edges) {
    after[static_cast<size_t>(edge.first)].push_back(edge.second);
    ++waiting[static_cast<size_t>(edge.second)];
  }
  std::vector<size_t> order;
  for (size_t i = 0; i < effects.size(); ++i) {
    if (waiting[i] == 0) order.push_back(i);
  }
  for (size_t next = 0; next < order.size(); ++next) {
    for (const int to : after[order[next]]) {
      Effect& later = effects[static_cast<size_t>(to)];
      later.lo = std::max(later.lo, effects[order[next]].lo);
      if (--waiting[static_cast<size_t>(to)] == 0) order.push_back(static_cast<size_t>(to));
    }
  }
  for (size_t i = 0; i < effects.size(); ++i) {
    if (waiting[i] > 0) return absl::StrCat("a ring of changes, one of them ", Describe(effects[i]));
  }
  for (auto earlier = order.rbegin(); earlier != order.rend(); ++earlier) {
    for (const int to : after[*earlier])
      effects[*earlier].hi = std::min(effects[*earlier].hi, effects[static_cast<size_t>(to)].hi);
  }
  for (const Effect& effect : effects) {
    if (effect.lo > effect.hi) return absl::StrCat("no moment is left for ", Describe(effect));
  }
  return std::nullopt;
}

bool CanPrecede(const Model& model, const Choice& choice) {
  return model.EndLo(*choice.first) != kNever && model.EndLo(*choice.first) <= model.BeginHi(*choice.second);
}

// Makes `choice` true of `effects`: an edge, or a bound if time alone ends the first.
void Take(const Model& model, const Choice& choice, std::vector<Effect>& effects, std::vector<Edge>& edges) {
  Effect& later = effects[static_cast<size_t>(choice.second->acquire)];
  if (choice.first->release < 0) {
    later.lo = std::max(later.lo, choice.first->expire);
  } else if (choice.first->release != choice.second->acquire &&
             model.EndHi(*choice.first) >= model.BeginLo(*choice.second)) {
    edges.push_back({choice.first->release, choice.second->acquire});
  }
}

// Every pair of tenures that share a tick, once.
template <typename Visitor>
void ForEachPair(const Model& model, Visitor visit) {
  for (const auto& [clinician, ticks] : model.by_tick) {
    for (const auto& [tick, tenures] : ticks) {
      for (size_t a = 0; a < tenures.size(); ++a) {
        for (size_t b = a + 1; b < tenures.size(); ++b) {
          const Tenure &one = model.tenures[static_cast<size_t>(tenures[a])],
                       &other = model.tenures[static_cast<size_t>(tenures[b])];
          if (one.chain != other.chain && std::max(one.first, other.first) == tick) visit(one, other);
        }
      }
    }
  }
}

// Forced pairs go into model and edges; the rest is returned.
std::vector<Choice> ForcePairs(Model& model, std::vector<Edge>& edges, Findings& findings) {
  std::vector<Choice> open, forced;
  ForEachPair(model, [&](const Tenure& one, const Tenure& other) {
    findings.Count("pairs_ordered");
    const Choice there{&one, &other}, back{&other, &one};
    const bool first = CanPrecede(model, there), second = CanPrecede(model, back);
    if (first && second) {
      const bool stamped = model.effects[static_cast<size_t>(one.acquire)].stamp <=
                           model.effects[static_cast<size_t>(other.acquire)].stamp;
      open.push_back(stamped ? there : back);
    } else if (first || second) {
      forced.push_back(first ? there : back);
    } else {
      findings.Add("no-overlap", absl::StrCat("both own a tick at one time: ",
                                              Describe(model.effects[static_cast<size_t>(one.acquire)]), " and ",
                                              Describe(model.effects[static_cast<size_t>(other.acquire)])));
    }
  });
  for (const Choice& choice : forced) Take(model, choice, model.effects, edges);
  return open;
}

std::optional<std::string> Try(const Model& model, const std::vector<Choice>& choices, std::vector<Edge> edges) {
  std::vector<Effect> effects = model.effects;
  for (const Choice& choice : choices) Take(model, choice, effects, edges);
  return Narrow(effects, edges);
}

std::optional<std::string> Settle(const Model& model, std::vector<Choice> open, const std::vector<Edge>& edges) {
  auto problem = Try(model, open, edges);
  for (size_t turned = 0; problem && turned < std::min(open.size(), kMostTurns); ++turned) {
    std::swap(open[turned].first, open[turned].second);
    if (!Try(model, open, edges)) return std::nullopt;
    std::swap(open[turned].first, open[turned].second);
  }
  return problem;
}

}  // namespace

void CheckOrder(Model& model, Findings& findings) {
  Builder(model, findings).AddAll();
  findings.Count("tenures", static_cast<int64_t>(model.tenures.size()));
  std::vector<Edge> edges = StoryEdges(model);
  if (const auto problem = Narrow(model.effects, edges)) return findings.Add("order", *problem);
  const std::vector<Choice> open = ForcePairs(model, edges, findings);
  if (const auto problem = Narrow(model.effects, edges)) return findings.Add("no-overlap", *problem);
  findings.Count("pairs_open", static_cast<int64_t>(open.size()));
  if (const auto problem = Settle(model, open, edges))
    findings.Add("no-overlap", absl::StrCat("no order was found: ", *problem));
}

}  // namespace lumbar::chaos
