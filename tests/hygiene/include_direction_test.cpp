#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

using names = std::set<std::string>;

/// What the headers of each folder may include besides those of their own; "" is the root. Data flows from task to program.
const std::map<std::string, names> allowed{
    {"", {}},
    {"random", {""}},
    {"kernel", {""}},
    {"task", {"", "random", "kernel"}},
    {"compare", {"", "kernel", "task"}},
    {"prior", {"", "random", "kernel", "task"}},
    {"strategy", {"", "random", "kernel", "task", "prior"}},
    {"universality", {"", "random", "kernel", "task", "prior", "strategy"}},
    {"processes", {""}},
    {"mpi", {"", "random", "kernel", "task", "prior", "strategy", "processes", "learner", "program"}},
    {"complexity", {"", "kernel", "task", "prior", "strategy"}},
    {"learner", {"", "random", "kernel", "task", "prior", "strategy", "compare", "complexity"}},
    {"recording", {"", "kernel", "task", "prior"}},
    {"fit", {"", "random", "kernel", "task", "prior", "strategy", "compare", "complexity", "learner"}},
    {"explanation", {"", "random", "kernel", "task", "prior", "strategy", "compare", "complexity", "learner", "fit", "processes"}},
    {"analysis",
     {"", "random", "kernel", "task", "prior", "strategy", "universality", "compare", "complexity", "learner", "recording", "fit",
      "explanation", "processes"}},
    {"figure",
     {"", "random", "kernel", "task", "prior", "strategy", "compare", "complexity", "learner", "recording", "fit", "explanation",
      "analysis"}},
    {"program", {"", "kernel", "complexity", "learner", "recording", "explanation", "analysis", "figure", "processes"}},
};

std::string folder_of(const std::string& header) {
    const auto slash = header.find('/');
    return slash == std::string::npos ? "" : header.substr(0, slash);
}

/// Headers by their path below include/rationale, and the names that each includes, without "rationale/" where it has it.
struct include_graph {
    std::map<std::string, names> own, foreign;

    void add(const std::string& header, const std::string& text) {
        own[header];
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            std::erase_if(line, [](char c) { return c == ' ' || c == '\t'; });
            if (!line.starts_with("#include")) continue;
            const auto from = line.find_first_of("<\"") + 1;
            const std::string name = line.substr(from, line.find_first_of(">\"", from) - from);
            if (name.starts_with("rationale/")) own[header].insert(name.substr(10));
            else foreign[header].insert(name);
        }
    }

    [[nodiscard]] std::vector<std::string> upward() const {
        std::vector<std::string> faults;
        for (const auto& [header, included] : own) {
            if (header == "rationale.hpp") continue;
            const auto rule = allowed.find(folder_of(header));
            if (rule == allowed.end()) {
                faults.push_back(header + " is in a folder without a place in the order");
                continue;
            }
            for (const auto& name : included)
                if (folder_of(name) != folder_of(header) && !rule->second.contains(folder_of(name)))
                    faults.push_back(header + " includes " + name);
        }
        return faults;
    }

    /// Headers that include a foreign header whose name starts so.
    [[nodiscard]] names users_of(const std::string& prefix) const {
        names users;
        for (const auto& [header, included] : foreign)
            for (const auto& name : included)
                if (name.starts_with(prefix)) users.insert(header);
        return users;
    }

    [[nodiscard]] names closure(const std::string& header) const {
        names seen;
        std::vector<std::string> open{header};
        while (!open.empty()) {
            const std::string next = open.back();
            open.pop_back();
            if (!seen.insert(next).second) continue;
            if (const auto found = own.find(next); found != own.end()) open.insert(open.end(), found->second.begin(), found->second.end());
        }
        return seen;
    }
};

/// visit(path below include/rationale, text) for every header.
template <class Visit>
void each_header(const Visit& visit) {
    const std::filesystem::path root = std::filesystem::path(RATIONALE_INCLUDE) / "rationale";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.path().extension() != ".hpp") continue;
        std::stringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        visit(std::filesystem::relative(entry.path(), root).generic_string(), text.str());
    }
}

include_graph library() {
    include_graph graph;
    each_header([&](const std::string& header, const std::string& text) { graph.add(header, text); });
    return graph;
}

/// A generator that is made without a purpose: "philox rng(", "philox(", "philox{" and the like, but not "philox& rng".
const std::regex bare_generator("philox\\s*(\\w+\\s*)?[({;,]");

}  // namespace

TEST_CASE("the include reader finds an upward include, a foreign one and an unknown folder") {
    include_graph graph;
    graph.add(
        "task/a.hpp",
        "#include \"rationale/array.hpp\"\n  # include <rationale/fit/b.hpp>\n// #include \"rationale/learner/c.hpp\"\n#include <zip.h>\n");
    graph.add("elsewhere/d.hpp", "");
    CHECK(graph.upward() ==
          std::vector<std::string>{"elsewhere/d.hpp is in a folder without a place in the order", "task/a.hpp includes fit/b.hpp"});
    CHECK(graph.users_of("zip.h") == names{"task/a.hpp"});
    CHECK(graph.closure("task/a.hpp") == names{"array.hpp", "fit/b.hpp", "task/a.hpp"});
}

TEST_CASE("every header includes only what stands above it") {
    const include_graph graph = library();
    REQUIRE(graph.own.size() > 20);
    for (const auto& fault : graph.upward()) FAIL_CHECK(fault);
    for (const auto& [header, included] : graph.own)
        for (const auto& name : included) {
            INFO(header, " includes ", name);
            CHECK(graph.own.contains(name));
        }
}

TEST_CASE("one header includes xtensor, one includes xsimd, and no kernel knows an xtensor type") {
    const include_graph graph = library();
    CHECK(graph.users_of("xtensor") == names{"array.hpp"});
    CHECK(graph.users_of("xsimd") == names{"kernel/detail/simd.hpp"});
    CHECK(graph.users_of("xtl").empty());
    for (const auto& [header, included] : graph.own)
        if (folder_of(header) == "kernel") {
            INFO(header);
            CHECK_FALSE(graph.closure(header).contains("array.hpp"));
        }
}

TEST_CASE("random numbers are drawn for a purpose: no header but those of random/ makes a bare generator") {
    for (const char* made : {"philox rng(seed, s);", "philox{1, 2}", "draw(philox(0, 0))", "philox rng;", "philox a(1, 2), b(3, 4);"})
        CHECK(std::regex_search(made, bare_generator));
    for (const char* used : {"void draw(philox& rng, const F&)", "philox rng = stream(purpose::tasks, seed, d);", "[](philox&) {}"})
        CHECK_FALSE(std::regex_search(used, bare_generator));
    each_header([](const std::string& header, const std::string& text) {
        INFO(header);
        CHECK((folder_of(header) == "random" || !std::regex_search(text, bare_generator)));
    });
}

TEST_CASE("rationale.hpp needs xtensor and xsimd alone") {
    const include_graph graph = library();
    const names umbrella = graph.closure("rationale.hpp");
    for (const std::string optional : {"zip", "nlohmann", "lzma", "zstd", "brotli", "bzlib", "zlib", "mpi", "CLI", "openssl", "omp", "tbb"})
        for (const auto& user : graph.users_of(optional)) {
            INFO(user, " includes ", optional);
            CHECK_FALSE(umbrella.contains(user));
        }
}

TEST_CASE("rationale.hpp includes every header that needs nothing else") {
    const include_graph graph = library();
    const names umbrella = graph.closure("rationale.hpp");
    for (const auto& [header, included] : graph.own) {
        if (umbrella.contains(header) || header.find("detail/") != std::string::npos) continue;
        bool optional = names{"recording", "analysis", "figure", "program", "mpi"}.contains(folder_of(header));
        for (const auto& below : graph.closure(header))
            if (const auto found = graph.foreign.find(below); found != graph.foreign.end())
                for (const auto& name : found->second)
                    optional = optional || (name.ends_with(".h") && !name.starts_with("c")) || name.starts_with("nlohmann/");
        INFO(header);
        CHECK(optional);
    }
}

TEST_CASE("no header writes or reads a number with a fraction by what follows the program's locale") {
    // printf's and strtod's decimal point is the locale's, and so is a stream's; number_text.hpp has what to use. program/output.hpp
    // collects what print_summary writes, which is text alone.
    const std::regex follows(R"(%[-+#0-9.*]*l?[aefgAEFG]|\b(strto[df]|stod|stof|stold|atof|sscanf|[io]?stringstream|iomanip)\b)");
    const std::filesystem::path root = std::filesystem::path(RATIONALE_INCLUDE) / "rationale";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        const auto header = std::filesystem::relative(entry.path(), root).generic_string();
        if (entry.path().extension() != ".hpp" || names{"number_text.hpp", "program/output.hpp"}.contains(header)) continue;
        std::ifstream in(entry.path());
        for (std::string line; std::getline(in, line);) {
            INFO(entry.path(), ": ", line);
            CHECK_FALSE(std::regex_search(line, follows));
        }
    }
}

TEST_CASE("no header calls a C function that keeps state which all threads share") {
    const std::regex shared(
        R"(\b(lgammaf?|signgam|strtok|s?rand|drand48|localtime|gmtime|asctime|ctime|strerror|setlocale|setenv|putenv)\b)");
    const std::filesystem::path root = std::filesystem::path(RATIONALE_INCLUDE) / "rationale";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.path().extension() != ".hpp") continue;
        std::ifstream in(entry.path());
        for (std::string line; std::getline(in, line);) {
            INFO(entry.path(), ": ", line);
            CHECK_FALSE(std::regex_search(line.substr(0, line.find("//")), shared));
        }
    }
}
