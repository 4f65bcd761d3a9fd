// SOCI backends that do what another one does, for those who change a part of it: the packaged ones can't be derived
// from.
#pragma once

#include <soci/soci.h>

#include <memory>
#include <string>
#include <utility>

namespace lumbar::store {

class ForwardingStatement : public soci::details::statement_backend {
 public:
  explicit ForwardingStatement(soci::details::statement_backend* inner) : inner_(inner) {}

  void alloc() override { inner_->alloc(); }
  void clean_up() override { inner_->clean_up(); }
  void prepare(const std::string& query, soci::details::statement_type type) override { inner_->prepare(query, type); }
  exec_fetch_result execute(int number) override { return inner_->execute(number); }
  exec_fetch_result fetch(int number) override { return inner_->fetch(number); }
  // NOLINTNEXTLINE(google-runtime-int): SOCI's type.
  long long get_affected_rows() override { return inner_->get_affected_rows(); }
  int get_number_of_rows() override { return inner_->get_number_of_rows(); }
  std::string get_parameter_name(int index) const override { return inner_->get_parameter_name(index); }
  std::string rewrite_for_procedure_call(const std::string& query) override {
    return inner_->rewrite_for_procedure_call(query);
  }
  int prepare_for_describe() override { return inner_->prepare_for_describe(); }
  void describe_column(int column, soci::data_type& type, std::string& name) override {
    inner_->describe_column(column, type, name);
  }
  soci::details::standard_into_type_backend* make_into_type_backend() override {
    return inner_->make_into_type_backend();
  }
  soci::details::standard_use_type_backend* make_use_type_backend() override { return inner_->make_use_type_backend(); }
  soci::details::vector_into_type_backend* make_vector_into_type_backend() override {
    return inner_->make_vector_into_type_backend();
  }
  soci::details::vector_use_type_backend* make_vector_use_type_backend() override {
    return inner_->make_vector_use_type_backend();
  }

 protected:
  const std::unique_ptr<soci::details::statement_backend> inner_;
};

class ForwardingSession : public soci::details::session_backend {
 public:
  explicit ForwardingSession(soci::details::session_backend* inner) : inner_(inner) {}

  bool is_connected() override { return inner_->is_connected(); }
  void begin() override { inner_->begin(); }
  void commit() override { inner_->commit(); }
  void rollback() override { inner_->rollback(); }
  std::string get_dummy_from_table() const override { return inner_->get_dummy_from_table(); }
  std::string get_backend_name() const override { return inner_->get_backend_name(); }
  soci::details::rowid_backend* make_rowid_backend() override { return inner_->make_rowid_backend(); }
  soci::details::blob_backend* make_blob_backend() override { return inner_->make_blob_backend(); }

 protected:
  const std::unique_ptr<soci::details::session_backend> inner_;
};

// Makes sessions of type Session, which takes what the packaged factory makes.
template <typename Session>
class ForwardingFactory final : public soci::backend_factory {
 public:
  explicit ForwardingFactory(const soci::backend_factory& inner) : inner_(inner) {}
  soci::details::session_backend* make_session(const soci::connection_parameters& parameters) const override {
    return new Session(inner_.make_session(parameters));
  }

 private:
  const soci::backend_factory& inner_;
};

}  // namespace lumbar::store
