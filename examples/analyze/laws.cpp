#include "instances.hpp"

namespace rationale::detail {
template decltype(explain<threads>) explain<threads>;
template decltype(remember<threads>) remember<threads>;
}  // namespace rationale::detail
