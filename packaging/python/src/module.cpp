// The module _core: families and strategies whose types are compiled in the other files, on NumPy's arrays. What Python's users see is in
// rationale/*.py; that layer brings arrays into the type and order that is asked for here.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <tuple>
#include <utility>

#include "fits.hpp"
#include "predictors.hpp"
#include "rationale/complexity/compressors.hpp"
#include "rationale/execution.hpp"
#include "rationale/version.hpp"

namespace py = pybind11;

namespace rationale::python {
namespace {

using arrays = std::vector<py::array>;

/// Where an array of Python's is. Throws std::invalid_argument unless it is what the facts say, in C order.
array_view borrow(const py::array& a, const array_facts& facts) {
    const bool right = facts.type == 'd'   ? py::isinstance<py::array_t<double>>(a)
                       : facts.type == 'i' ? py::isinstance<py::array_t<std::int32_t>>(a)
                                           : py::isinstance<py::array_t<std::int64_t>>(a);
    if (!right || (a.flags() & py::array::c_style) == 0 || (a.flags() & py::detail::npy_api::NPY_ARRAY_ALIGNED_) == 0)
        throw std::invalid_argument("rationale: " + facts.name + " must be an aligned array of type " + facts.type + " in C order");
    return {a.data(), {a.shape(), a.shape() + a.ndim()}};
}
std::vector<array_view> borrow(const arrays& all, const std::vector<array_facts>& facts) {
    detail::check_size("rationale", "the list of arrays", all.size(), facts.size());
    std::vector<array_view> out;
    for (std::size_t i = 0; i < all.size(); ++i) out.push_back(borrow(all[i], facts[i]));
    return out;
}
/// Of no arrays, none.
std::vector<array_view> borrow_tasks(const arrays& all, const family_handle& family) {
    return all.empty() ? std::vector<array_view>() : borrow(all, family.task_arrays());
}

/// The array itself, which lives as long as Python's of it.
template <class Array>
py::array_t<double> hand_out(Array a) {
    auto kept = std::make_unique<Array>(std::move(a));
    const std::vector<py::ssize_t> shape(kept->shape().begin(), kept->shape().end());
    double* const data = kept->data();
    const py::capsule keeper(kept.release(), [](void* p) { delete static_cast<Array*>(p); });
    return py::array_t<double>(shape, data, keeper);
}
py::array hand_out_value(const array_value& a) {
    const py::dtype type = a.facts.type == 'd'   ? py::dtype::of<double>()
                           : a.facts.type == 'i' ? py::dtype::of<std::int32_t>()
                                                 : py::dtype::of<std::int64_t>();
    using keeper_type = std::shared_ptr<const void>;
    const py::capsule keeper(new keeper_type(a.keeper), [](void* p) { delete static_cast<keeper_type*>(p); });
    return py::array(type, std::vector<py::ssize_t>(a.view.shape.begin(), a.view.shape.end()), a.view.data, keeper);
}

/// A family or a strategy, which live in Python as long as what was made of them.
struct family_object {
    std::shared_ptr<const family_handle> of;
    std::vector<array_facts> tasks, sequences;
};
struct strategy_object {
    std::shared_ptr<const strategy_handle> of;
    std::vector<array_facts> sequences;
};

family_object make_family(const std::string& name, const parameters& p) {
    for (const auto make : {make_urns, make_chains, make_regression, make_features, make_classification})
        if (std::shared_ptr<const family_handle> of = make(name, p)) return {of, of->task_arrays(), of->sequence_arrays()};
    throw std::invalid_argument("rationale: there is no family " + name);
}

strategy_object make_strategy(const family_object& family, const std::string& kind, const arrays& tasks, std::vector<double> weights,
                              std::vector<double> precision, double exponent, std::size_t weighed, std::size_t said, double share,
                              bool in_float) {
    const strategy_request request{
        kind, borrow_tasks(tasks, *family.of), std::move(weights), std::move(precision), exponent, weighed, said, share, in_float};
    const py::gil_scoped_release others_may_work;
    return {family.of->make(request), family.sequences};
}

/// Threads that stop, from the calling one, where Python has a signal to handle: Ctrl-C. It is asked ten times a second.
interruptible on_threads(std::size_t count) {
    using clock = std::chrono::steady_clock;
    return {count, [last = clock::now()]() mutable {
                if (clock::now() - last < std::chrono::milliseconds(100)) return;
                const py::gil_scoped_acquire held;
                if (PyErr_CheckSignals() != 0) throw py::error_already_set();
                last = clock::now();
            }};
}

py::tuple predict(const strategy_object& s, const arrays& sequences, std::size_t workers, bool mask) {
    const auto views = borrow(sequences, s.sequences);
    predictions out;
    {
        const py::gil_scoped_release others_may_work;
        out = s.of->predict(views, on_threads(workers), mask);
    }
    return py::make_tuple(hand_out(std::move(out.values)), hand_out(std::move(out.log_evidence)));
}
py::array log_evidence(const strategy_object& s, const arrays& sequences, std::size_t workers) {
    const auto views = borrow(sequences, s.sequences);
    ndarray<double, 2> out;
    {
        const py::gil_scoped_release others_may_work;
        out = s.of->log_evidence(views, on_threads(workers));
    }
    return hand_out(std::move(out));
}
py::array_t<double> posterior(const strategy_object& s, const arrays& sequences, std::size_t sequence, std::size_t event) {
    const auto views = borrow(sequences, s.sequences);
    std::vector<double> out;
    {
        const py::gil_scoped_release others_may_work;
        out = s.of->posterior(views, sequence, event);
    }
    return py::array_t<double>(static_cast<py::ssize_t>(out.size()), out.data());
}

py::list sample_tasks(const family_object& family, std::size_t count, std::uint64_t seed) {
    py::list out;
    for (const auto& a : family.of->sample_tasks(count, seed)) out.append(hand_out_value(a));
    return out;
}
py::list sample_sequences(const family_object& family, const arrays& tasks, const std::vector<double>& weights, std::size_t count,
                          std::size_t context, std::uint64_t seed, std::uint64_t first) {
    const auto views = borrow_tasks(tasks, *family.of);
    std::vector<array_value> drawn;
    {
        const py::gil_scoped_release others_may_work;
        drawn = family.of->sample_sequences(views, weights, count, context, seed, first);
    }
    py::list out;
    for (const auto& a : drawn) out.append(hand_out_value(a));
    return out;
}

py::tuple losses(const family_object& family, const std::vector<strategy_object>& all, const arrays& tasks,
                 const std::vector<double>& weights, std::size_t context, std::uint64_t seed, double relative_error,
                 std::size_t most_sequences, std::size_t workers) {
    const auto views = borrow_tasks(tasks, *family.of);
    std::vector<const strategy_handle*> list;
    for (const auto& s : all) list.push_back(s.of.get());
    loss_options options;
    options.seed = seed, options.relative_error = relative_error, options.most_sequences = most_sequences;
    loss_estimate out;
    {
        const py::gil_scoped_release others_may_work;
        out = family.of->losses(list, views, weights, context, options, on_threads(workers));
    }
    const auto numbers = [](const std::vector<double>& x) { return py::array_t<double>(static_cast<py::ssize_t>(x.size()), x.data()); };
    return py::make_tuple(numbers(out.mean), numbers(out.standard_error), hand_out(std::move(out.difference_error)), out.sequences,
                          out.reached);
}

py::tuple description_of(const std::vector<double>& numbers, std::size_t workers) {
    const py::gil_scoped_release others_may_work;
    const auto out = description_length(numbers, system_compressors(), threads{workers});
    const py::gil_scoped_acquire back;
    return py::make_tuple(out.bits, out.method, out.tried);
}

py::list facts(const std::vector<array_facts>& all) {
    py::list out;
    for (const auto& f : all) out.append(py::make_tuple(f.name, f.axes, std::string(1, f.type)));
    return out;
}

}  // namespace

PYBIND11_MODULE(_core, m) {
#if defined(__AVX2__) && defined(__FMA__)
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        throw py::import_error(
            "rationale: built for processors with AVX2 and FMA, which this one has not; build it here, or with RATIONALE_MARCH empty");
#endif
    m.attr("march") = RATIONALE_MARCH;
    m.attr("version") = std::to_string(version_major) + '.' + std::to_string(version_minor) + '.' + std::to_string(version_patch);
    m.def("family", make_family, py::arg("name"), py::arg("parameters"));
    m.def("losses", losses);
    m.def("description_length", description_of);
    add_fits(m);
    py::class_<family_object>(m, "family_object")
        .def_property_readonly("name", [](const family_object& f) { return f.of->name(); })
        .def_property_readonly("parameters", [](const family_object& f) { return f.of->values(); })
        .def_property_readonly("prediction_axes", [](const family_object& f) { return f.of->prediction_axes(); })
        .def_property_readonly("task_arrays", [](const family_object& f) { return facts(f.tasks); })
        .def_property_readonly("sequence_arrays", [](const family_object& f) { return facts(f.sequences); })
        .def("strategy", make_strategy)
        .def("sample_tasks", sample_tasks)
        .def("sample_sequences", sample_sequences);
    py::class_<strategy_object>(m, "strategy_object")
        .def_property_readonly("name", [](const strategy_object& s) { return s.of->name(); })
        .def_property_readonly("numbers",
                               [](const strategy_object& s) {
                                   const auto x = s.of->numbers();
                                   return py::array_t<double>(static_cast<py::ssize_t>(x.size()), x.data());
                               })
        .def_property_readonly("bits", [](const strategy_object& s) { return s.of->bits(); })
        .def_property_readonly("program_bits", [](const strategy_object& s) { return s.of->program_bits(); })
        .def("predict", predict)
        .def("log_evidence", log_evidence)
        .def("posterior", posterior);
}

}  // namespace rationale::python
