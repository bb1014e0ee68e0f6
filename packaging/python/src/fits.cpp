// Laws of Python's users, fitted: the library's fit over cells of recorded models, whose law calls a function of Python's.
#include "fits.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rationale/compare/interpolation_distance.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/fit/over_runs.hpp"
#include "rationale/fit/sandwich.hpp"

namespace py = pybind11;

namespace rationale::python {
namespace {

using array = py::array_t<double, py::array::c_style | py::array::forcecast>;

prediction_view view_of(const array& a, bool means) {
    if (a.ndim() != 3)
        throw std::invalid_argument("rationale::fit_law: predictions have " + std::to_string(a.ndim()) + " axes, must have 3");
    const auto length = [&](int axis) { return static_cast<std::size_t>(a.shape(axis)); };
    return {means ? prediction_kind::mean : prediction_kind::distribution, a.data(), {length(0), length(1), length(2)}};
}
predictions predictions_of(const array& a, bool means) {
    const auto view = view_of(a, means);
    predictions out{view.kind, unwritten<double, 3>({view.sequences(), view.events(), view.outcomes()}), {}};
    std::copy_n(a.data(), a.size(), out.values.data());
    return out;
}

/// Cells of a recording, summed up as an analysis does it, and then a law fitted to them. Cells come run by run, split by split, in the
/// order of steps.
class fit_data {
public:
    fit_data(std::size_t strategies, bool means) : strategies_(strategies), means_(means) {}

    void add_run(std::size_t tasks, std::int64_t seed) {
        observed_.runs.push_back(
            {.tasks = tasks, .seed = seed, .known = {std::vector<double>(strategies_), std::vector<double>(strategies_)}});
        distances_.emplace_back();
    }
    /// What the strategies predict for the last run's sequences of a split, and the models of its checkpoints that follow.
    void add_split(bool id, const std::vector<array>& strategies) {
        split_ = id ? split::id : split::ood;
        parts_.clear();
        for (const auto& a : strategies) parts_.push_back(predictions_of(a, means_));
        compress_.emplace(parts_);
        if (strategies_ > 1) apart_ = default_divergences(parts_[0], parts_[1]);
    }
    /// False where no mixture explains the model, which has no cell then.
    bool add_checkpoint(double step, const array& said) {
        const auto model = view_of(said, means_);
        const std::size_t run = observed_.runs.size() - 1;
        if (split_ == split::id && strategies_ > 1) {
            const auto r = relative_distance(detail::entries(default_divergences(model, parts_[0])),
                                             detail::entries(default_divergences(model, parts_[1])), detail::entries(apart_));
            distances_[run].push_back(interpolation_distance(model, std::span(parts_).first(2), r, detail::over_sequences(apart_)));
        }
        auto parts = compress_->parts(model, detail::sequence_parts);
        if (!std::all_of(parts.begin(), parts.end(), [](const mixture_loss& l) { return l.finite(); })) return false;
        observed_.cells.push_back({.run = run,
                                   .at = {.steps = step, .tasks = static_cast<double>(observed_.runs[run].tasks)},
                                   .split = split_,
                                   .parts = std::move(parts)});
        return true;
    }
    /// Of each run, the number of its first checkpoint that the first two strategies explain.
    [[nodiscard]] std::vector<std::optional<std::size_t>> thresholds() const {
        std::vector<std::optional<std::size_t>> out;
        for (const auto& d : distances_) out.push_back(interpolation_threshold(d, means_ ? 0.1 : 0.2));
        return out;
    }
    /// A role for each cell, by the steps of all checkpoints: those at or after the threshold are fitted or held out, and with `early`
    /// those before it are fitted too. Returns how many are fitted.
    std::size_t set_roles(const std::vector<std::int64_t>& steps, std::optional<std::int64_t> threshold, double share, bool early) {
        std::vector<std::size_t> tasks;
        for (const auto& run : observed_.runs) tasks.push_back(run.tasks);
        const cell_roles roles(tasks, steps, threshold, detail::share("rationale::fit_law", "fitted_share", share));
        for (auto& c : observed_.cells) {
            const std::size_t of_run = observed_.runs[c.run].tasks;
            c.role = roles.role(of_run, static_cast<std::int64_t>(c.at.steps));
            if (early && c.role == cell_role::before_threshold && of_run <= roles.last_fitted_tasks()) c.role = cell_role::fitted;
        }
        return static_cast<std::size_t>(std::count_if(observed_.cells.begin(), observed_.cells.end(), is_fitted));
    }

    [[nodiscard]] py::dict fit(const std::vector<std::tuple<std::string, double, double, bool, double, double>>& declared,
                               const py::function& weights, std::size_t candidates, std::size_t starts) const {
        std::vector<law_parameter> parameters;
        for (const auto& [name, lower, upper, logarithmic, from, to] : declared)
            parameters.push_back({name, lower, upper, logarithmic ? search_scale::logarithmic : search_scale::linear, from, to});
        const any_law law(
            "of one's own", parameters, [&](std::span<const double> values, const account&, const training& n, std::span<double> out) {
                const py::tuple given(values.size());
                for (std::size_t i = 0; i < values.size(); ++i) given[i] = values[i];
                const auto w =
                    weights(static_cast<std::int64_t>(n.steps), static_cast<std::int64_t>(n.tasks), given).cast<std::vector<double>>();
                detail::check_size("rationale::fit_law", "the list of weights", w.size(), out.size());
                std::copy(w.begin(), w.end(), out.begin());
            });
        const auto sample = as_observed(observed_);
        const auto found = fit_law(law, sample.accounts, cells_of(observed_, sample, is_fitted),
                                   {.candidates = candidates, .starts = starts, .initial = {}});
        const auto sure = over_runs(observed_, found, sandwich(observed_, found, {.losses = false}));
        py::list cells, intervals, optima;
        for (std::size_t i = 0; i < observed_.cells.size(); ++i) {
            const auto& c = observed_.cells[i];
            const double d = (std::max)(sample.losses[i](law.weights(found.values, sample.accounts[c.run], c.at)), 0.0);
            cells.append(py::make_tuple(observed_.runs[c.run].tasks, observed_.runs[c.run].seed, static_cast<std::int64_t>(c.at.steps),
                                        words(c.split), std::string(words(c.role)), d));
        }
        for (const auto& i : sure.intervals) intervals.append(py::make_tuple(i.lower, i.upper));
        for (const auto& o : found.optima) optima.append(py::make_tuple(o.values, o.objective));
        auto sentences = found.not_identifiable;
        sentences.insert(sentences.end(), sure.sentences.begin(), sure.sentences.end());
        using namespace pybind11::literals;
        return py::dict("values"_a = found.values, "divergence"_a = found.objective, "cells"_a = cells, "intervals"_a = intervals,
                        "determined"_a = sure.determined, "at_bound"_a = found.at_bound, "optima"_a = optima, "starts"_a = found.starts,
                        "reached"_a = found.reached, "sentences"_a = sentences);
    }

private:
    std::size_t strategies_;
    bool means_;
    observations observed_;
    std::vector<std::vector<double>> distances_;  // interpolation distances of each run's checkpoints, ID
    split split_ = split::id;
    std::vector<predictions> parts_;
    ndarray<double, 1> apart_;
    std::optional<mixture_compressor> compress_;
};

}  // namespace

void add_fits(py::module_& m) {
    py::class_<fit_data>(m, "fit_data")
        .def(py::init<std::size_t, bool>())
        .def("add_run", &fit_data::add_run)
        .def("add_split", &fit_data::add_split)
        .def("add_checkpoint", &fit_data::add_checkpoint)
        .def("thresholds", &fit_data::thresholds)
        .def("set_roles", &fit_data::set_roles)
        .def("fit", &fit_data::fit);
}

}  // namespace rationale::python
