#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <type_traits>

#include "rationale/function_ref.hpp"

using rationale::function_ref;

static_assert(std::is_trivially_copyable_v<function_ref<void()>>);

TEST_CASE("a callable is called where it is, with the arguments as they are") {
    int calls = 0;
    const auto count = [&](int by) { return calls += by; };
    const function_ref<int(int)> first = count, second = first;
    CHECK(first(2) == 2);
    CHECK(second(3) == 5);
    const auto length = [](std::unique_ptr<std::string> text) { return text->size(); };
    CHECK(function_ref<std::size_t(std::unique_ptr<std::string>)>(length)(std::make_unique<std::string>("four")) == 4);
    std::string text;
    const auto append = [](std::string& to) -> std::string& { return to += "x"; };
    CHECK(&function_ref<std::string&(std::string&)>(append)(text) == &text);
    CHECK(text == "x");
}

TEST_CASE("a callable that changes itself is not copied, and what it returns may be dropped") {
    auto next = [n = 0]() mutable { return ++n; };
    const function_ref<void()> step = next;
    step(), step();
    CHECK(next() == 3);
}
