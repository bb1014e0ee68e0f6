#ifndef RATIONALE_ANALYSIS_DETAIL_RUN_OF_TABLES_HPP
#define RATIONALE_ANALYSIS_DETAIL_RUN_OF_TABLES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "rationale/analysis/run_source.hpp"

namespace rationale::detail {

/// A run whose seen tasks change during training: for each table a run source of its checkpoints alone. Losses and complexities are means
/// over up to `most_described` tables, evenly spaced; what is asked of the run itself is what the last table says.
class run_of_tables final : public run_source {
public:
    static constexpr std::size_t most_described = 8;

    /// `first` is the first checkpoint of each table.
    run_of_tables(run_facts known, std::vector<std::unique_ptr<run_source>> tables, const std::vector<std::size_t>& first)
        : run_source(std::move(known)), tables_(std::move(tables)) {
        for (const std::size_t n : first) first_steps_.push_back(facts.steps[n]);
    }

    [[nodiscard]] std::vector<const run_source*> tables() const override {
        std::vector<const run_source*> out;
        for (const auto& t : tables_) out.push_back(t.get());
        return out;
    }
    [[nodiscard]] const run_source* table_at(std::int64_t step) const override {
        const auto after = std::upper_bound(first_steps_.begin(), first_steps_.end(), step);
        return tables_[static_cast<std::size_t>(after - first_steps_.begin()) - 1].get();
    }
    [[nodiscard]] loss_estimate losses(const loss_options& options, const any_executor& execute) const override {
        const auto some = described();
        const auto n = static_cast<double>(some.size());
        auto own = options;  // errors of tables are independent: each may be sqrt(n) times as large as that of the mean
        own.relative_error *= std::sqrt(n);
        own.most_sequences = (std::min)(options.most_sequences, (std::max)(options.batch, options.most_sequences / some.size()));
        loss_estimate out = some[0]->losses(own, execute);
        const auto squared = [](double& x) { x *= x; };
        for (double& e : out.standard_error) squared(e);
        for (double& e : out.difference_error) squared(e);
        for (std::size_t k = 1; k < some.size(); ++k) {
            ++own.seed;
            const auto next = some[k]->losses(own, execute);
            out.sequences += next.sequences;
            for (std::size_t q = 0; q < out.mean.size(); ++q)
                out.mean[q] += next.mean[q], out.standard_error[q] += next.standard_error[q] * next.standard_error[q];
            auto error = out.difference_error.begin();
            for (const double e : next.difference_error) *error++ += e * e;
        }
        for (double& m : out.mean) m /= n;
        for (double& e : out.standard_error) e = std::sqrt(e) / n;
        for (double& e : out.difference_error) e = std::sqrt(e) / n;
        out.reached = true;
        for (std::size_t q = 0; q < out.mean.size(); ++q)
            for (std::size_t r = 0; r < q; ++r)
                out.reached = out.reached && out.difference_error(q, r) <= options.relative_error * std::abs(out.mean[q] - out.mean[r]);
        return out;
    }
    [[nodiscard]] std::vector<description> descriptions(const std::vector<compressor>& by, const any_executor& execute) const override {
        const auto some = described();
        auto out = some.back()->descriptions(by, execute);
        for (std::size_t k = 0; k + 1 < some.size(); ++k) {
            const auto of_table = some[k]->descriptions(by, execute);
            for (std::size_t q = 0; q < out.size(); ++q) out[q].bits += of_table[q].bits;
        }
        for (auto& d : out) d.bits /= static_cast<double>(some.size());
        return out;
    }
    [[nodiscard]] std::optional<summed_bits> bits_within(double eps) const override {
        const auto some = described();
        const auto n = static_cast<double>(some.size());
        summed_bits out;
        for (const auto* table : some) {
            const auto of_table = table->bits_within(eps);
            if (!of_table) return std::nullopt;
            out.bits += of_table->bits / n;
            out.standard_error = std::hypot(out.standard_error, of_table->standard_error / n);
        }
        return out;
    }
    void for_each_checkpoint(split split, const sequence_numbers& which,
                             const std::function<void(std::size_t, const predictions&)>& visit) const override {
        for (const auto& t : tables_) t->for_each_checkpoint(split, which, visit);
    }

    [[nodiscard]] std::vector<predictions> predict(split split, const sequence_numbers& which, const any_executor& execute) const override {
        return tables_.back()->predict(split, which, execute);
    }
    [[nodiscard]] ndarray<double, 2> observed_losses(split split, const sequence_numbers& which, const predictions& p) const override {
        return tables_.back()->observed_losses(split, which, p);
    }
    [[nodiscard]] std::vector<double> evidence_with(std::size_t number, double value, const sequence_numbers& which) const override {
        return tables_.back()->evidence_with(number, value, which);
    }
    [[nodiscard]] sequence_trace start_trace(std::size_t s, const std::vector<predictions>& parts) const override {
        return tables_.back()->start_trace(s, parts);
    }
    [[nodiscard]] std::vector<double> said(std::size_t s, const predictions& p) const override { return tables_.back()->said(s, p); }
    [[nodiscard]] const memory_source* memory() const override { return tables_.back()->memory(); }

private:
    [[nodiscard]] std::vector<const run_source*> described() const {
        std::vector<const run_source*> out;
        const std::size_t n = (std::min)(tables_.size(), most_described);
        for (std::size_t k = 0; k < n; ++k) out.push_back(tables_[n == 1 ? 0 : k * (tables_.size() - 1) / (n - 1)].get());
        return out;
    }

    std::vector<std::unique_ptr<run_source>> tables_;
    std::vector<std::int64_t> first_steps_;
};

}  // namespace rationale::detail

#endif
