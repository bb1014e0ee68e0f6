// expect: rationale::seen_tasks<F>: F must be a family with the fold of a point, see rationale/task/family.hpp
#include "rationale/rationale.hpp"

// A family of one's own that forgot to say how a known task predicts.
struct coin : rationale::token_family<coin> {
    static constexpr std::string_view name = "coin";
    struct parameters {
        static constexpr auto fields = std::make_tuple();
    };
    struct task_table {
        rationale::ndarray<double, 2> tasks;
        static constexpr auto fields = std::make_tuple(rationale::field{"tasks", &task_table::tasks, "DK"});
    };
    std::size_t outcomes() const { return 2; }
    std::size_t rows() const { return 2; }
    double start() const { return 0; }
};
template class rationale::seen_tasks<coin>;
