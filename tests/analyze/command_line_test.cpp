// What the program says where, and what is left when it is stopped.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>

#include "analyze/progress_line.hpp"
#include "support/folder.hpp"
#include "support/program.hpp"

using namespace rationale_test;

namespace {

const std::string small = std::string(RATIONALE_EXAMPLES) + "/data/balls_and_urns_zipf --loss-sequences 64 --loss-error 1 --no-memory ";

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// What a shell's command leaves on its standard output.
std::string output_of(const std::string& command) {
    FILE* const pipe = popen(command.c_str(), "r");
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    CHECK(pclose(pipe) == 0);
    return text;
}

/// The program in the background; `end` sends it a signal.
class background {
public:
    explicit background(const std::string& arguments) : id_(fork()) {
        if (id_ == 0) {
            execl("/bin/sh", "sh", "-c", ("exec " RATIONALE_ANALYZE " " + arguments + " >/dev/null 2>&1").c_str(), nullptr);
            _exit(127);
        }
    }
    void send(int signal) const { kill(id_, signal); }
    /// The signal that ended it, 0 where it ended by itself.
    int ended_by() const {
        int status = 0;
        waitpid(id_, &status, 0);
        return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }

private:
    pid_t id_;
};

template <class Condition>
bool comes_true(const Condition& condition) {
    for (int i = 0; i < 3000; ++i, std::this_thread::sleep_for(std::chrono::milliseconds(10)))
        if (condition()) return true;
    return false;
}

}  // namespace

TEST_CASE("--json prints what results.json has and nothing else, --quiet prints nothing") {
    const temporary_folder out;
    const std::string program = RATIONALE_ANALYZE " " + small + "-o " + out.path().string(), errors = (out.path() / "errors").string();
    const auto json = output_of(program + " --json 2>" + errors);
    CHECK(json == text_of(out.path() / "results.json"));
    CHECK(nlohmann::json::parse(json)["recordings"].size() == 1);
    CHECK(text_of(errors).empty());
    CHECK(output_of(program + " --quiet 2>&1").empty());
}

TEST_CASE("work of more than two seconds shows on a terminal how far it is and how long it will take, and is silent elsewhere") {
    // Its standard error is a terminal's, or a file's; two of the twelve parts take about one second each.
    const auto work = [](int error, bool wanted) {
        const pid_t id = fork();
        if (id != 0) return id;
        dup2(error, STDERR_FILENO);
        {
            progress_line line(wanted);
            for (std::size_t done = 0; done < 3; ++done, std::this_thread::sleep_for(std::chrono::milliseconds(1100)))
                line.at("losses", done, 12);
        }
        _exit(0);
    };
    const auto terminal = [] {
        const int whole = posix_openpt(O_RDWR | O_NOCTTY);
        REQUIRE(whole >= 0);
        REQUIRE(grantpt(whole) == 0);
        REQUIRE(unlockpt(whole) == 0);
        return std::pair(whole, open(ptsname(whole), O_RDWR | O_NOCTTY));
    };
    const temporary_folder folder;
    const auto file = folder.path() / "errors";
    const int elsewhere = open(file.c_str(), O_RDWR | O_CREAT, 0600);
    const auto loud = terminal(), quiet = terminal();
    const pid_t all[] = {work(loud.second, true), work(quiet.second, false), work(elsewhere, true)};
    for (pid_t id : all) waitpid(id, nullptr, 0);
    const auto shown = [](int whole) {
        fcntl(whole, F_SETFL, O_NONBLOCK);
        std::string text(65536, ' ');
        const ssize_t n = read(whole, text.data(), text.size());
        text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return text;
    };
    const auto text = shown(loud.first);
    CHECK(text.find("[###.................] losses 2/12, about ") != std::string::npos);
    CHECK(text.find(" s left") != std::string::npos);
    CHECK(text.ends_with("\r\033[K"));                     // wiped away
    CHECK(text.find("losses 0/12") == std::string::npos);  // not before two seconds
    CHECK(shown(quiet.first).empty());
    CHECK(text_of(file).empty());
}

TEST_CASE("stopped while it computes, the program ends at once and has written nothing") {
    for (int signal : {SIGINT, SIGTERM}) {
        const temporary_folder out;
        const auto to = out.path() / "o";
        const background program(small + "--bootstrap 1000000 --report " + (to / "report").string() + " -o " + to.string());
        REQUIRE(comes_true([&] { return std::filesystem::exists(to); }));
        program.send(signal);
        CHECK(program.ended_by() == signal);
        CHECK(std::filesystem::is_empty(to));
    }
}

TEST_CASE("stopped while it writes, the program finishes what it writes first") {
    const temporary_folder out;
    // A pipe in the place of the file that is written aside: the program waits at it until somebody reads.
    const auto aside = out.path() / "results.json.part";
    REQUIRE(mkfifo(aside.c_str(), 0600) == 0);
    const background program(small + "--report " + (out.path() / "report").string() + " -o " + out.path().string());
    const int pipe = open(aside.c_str(), O_RDONLY);  // returns when the program has opened it, too
    program.send(SIGTERM);
    program.send(SIGINT);
    std::string json;
    char piece[4096];
    for (ssize_t n = read(pipe, piece, sizeof piece); n > 0; n = read(pipe, piece, sizeof piece))
        json.append(piece, static_cast<std::size_t>(n));
    close(pipe);
    const int by = program.ended_by();
    CHECK((by == SIGTERM || by == SIGINT));
    CHECK(nlohmann::json::parse(json)["recordings"].size() == 1);
    CHECK(cells(out.path()).size() == 24);
    CHECK(text_of(out.path() / "report" / "index.html").ends_with("</html>\n"));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(out.path())) CHECK(entry.path().extension() != ".part");
}
