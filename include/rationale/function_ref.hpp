#ifndef RATIONALE_FUNCTION_REF_HPP
#define RATIONALE_FUNCTION_REF_HPP

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace rationale {

template <class Signature>
class function_ref;

/// A callable that somebody else holds, for parameters that are called and not kept: what takes one is compiled once for all callables, and
/// nothing is copied or allocated. It is valid as long as the callable is, which may be a temporary of the call.
template <class Result, class... Arguments>
class function_ref<Result(Arguments...)> {
public:
    /// Refers to `callable`. Implicit, so that a lambda can be passed.
    template <class Callable>
        requires(!std::same_as<std::remove_cvref_t<Callable>, function_ref> && std::is_object_v<std::remove_reference_t<Callable>>)
    function_ref(Callable&& callable)
        : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
          call_([](void* object, Arguments... arguments) -> Result {
              return static_cast<Result>((*static_cast<std::remove_reference_t<Callable>*>(object))(std::forward<Arguments>(arguments)...));
          }) {}

    Result operator()(Arguments... arguments) const { return call_(object_, std::forward<Arguments>(arguments)...); }

private:
    void* object_;
    Result (*call_)(void*, Arguments...);
};

}  // namespace rationale

#endif
