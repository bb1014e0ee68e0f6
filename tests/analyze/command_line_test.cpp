// What the program says where, and what is left when it is stopped.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "rationale/program/progress_line.hpp"
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

/// A terminal's two ends: what a person sees and types, and what a program has.
std::pair<int, int> open_terminal() {
    const int whole = posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(whole >= 0);
    REQUIRE(grantpt(whole) == 0);
    REQUIRE(unlockpt(whole) == 0);
    return {whole, open(ptsname(whole), O_RDWR | O_NOCTTY)};
}

/// The program in the background, on a terminal where one is given.
class background {
public:
    explicit background(const std::string& arguments, int terminal = -1) : id_(fork()) {
        if (id_ == 0) {
            if (terminal >= 0) {
                setsid();
                ioctl(terminal, TIOCSCTTY, 0);
                dup2(terminal, STDERR_FILENO);
            }
            const std::string errors = terminal >= 0 ? "" : " 2>&1";
            execl("/bin/sh", "sh", "-c", ("exec " RATIONALE_ANALYZE " " + arguments + " >/dev/null" + errors).c_str(), nullptr);
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
    int exit_code() const {
        int status = 0;
        waitpid(id_, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t id_;
};

template <class Condition>
bool comes_true(const Condition& condition, std::chrono::microseconds step = std::chrono::milliseconds(10)) {
    const auto start = std::chrono::steady_clock::now();
    for (; std::chrono::steady_clock::now() - start < std::chrono::seconds(60); std::this_thread::sleep_for(step))
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

TEST_CASE("--verbose prints every table and note after the summary") {
    const temporary_folder out;
    const auto brief = run(small + "-o " + out.path().string()), verbose = run(small + "--verbose -o " + out.path().string());
    const auto answers = brief.output.substr(0, brief.output.find("  Careful"));
    REQUIRE(answers.size() < brief.output.size());
    CHECK(verbose.output.starts_with(answers));
    CHECK(brief.output.find("L_M, nats") == std::string::npos);
    CHECK(verbose.output.find("L_M, nats") != std::string::npos);
    for (const std::string note : results(out.path())["recordings"][0]["notes"])
        CHECK(verbose.output.find("  * " + note + "\n") != std::string::npos);
}

TEST_CASE("work of more than two seconds shows on a terminal how far it is and how long it will take, and is silent elsewhere") {
    // Its standard error is a terminal's, or a file's; two of the twelve parts take about one second each.
    const auto work = [](int error, bool wanted) {
        const pid_t id = fork();
        if (id != 0) return id;
        dup2(error, STDERR_FILENO);
        {
            rationale::detail::progress_line line(wanted);
            for (std::size_t done = 0; done < 3; ++done, std::this_thread::sleep_for(std::chrono::milliseconds(1100)))
                line.at("losses", done, 12);
        }
        _exit(0);
    };
    const temporary_folder folder;
    const auto file = folder.path() / "errors";
    const int elsewhere = open(file.c_str(), O_RDWR | O_CREAT, 0600);
    const auto loud = open_terminal(), quiet = open_terminal();
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

TEST_CASE("Ctrl-C on a terminal while files are written: all of them are there, whole") {
    int interrupted = 0;
    for (int attempt = 0; attempt < 20; ++attempt) {
        const temporary_folder out;
        const auto [terminal, its_end] = open_terminal();
        const background program(small + "--report " + (out.path() / "report").string() + " -o " + out.path().string(), its_end);
        close(its_end);
        // Sent when the first file is there, or some milliseconds later.
        REQUIRE(comes_true([&] { return std::filesystem::exists(out.path() / "results.json"); }, std::chrono::microseconds(100)));
        std::this_thread::sleep_for(std::chrono::microseconds(400 * (attempt % 10)));
        if (attempt % 2 == 0) CHECK(write(terminal, "\x03", 1) == 1);
        else program.send(attempt % 4 == 1 ? SIGTERM : SIGHUP);
        interrupted += program.ended_by() != 0;
        close(terminal);
        CHECK(nlohmann::json::parse(text_of(out.path() / "results.json"))["recordings"].size() == 1);
        CHECK(cells(out.path()).size() == 24);
        CHECK(text_of(out.path() / "report" / "index.html").ends_with("</html>\n"));
        for (const auto& entry : std::filesystem::recursive_directory_iterator(out.path())) {
            CHECK(entry.path().extension() != ".part");
            if (entry.path().extension() == ".json") CHECK(nlohmann::json::accept(text_of(entry.path())));
        }
    }
    CHECK(interrupted > 0);
}

TEST_CASE("files first, then words: a reader who goes away, a full disk or a closed output lose no file, and are an exit status") {
    const auto with = [](const std::string& options, const std::string& where) {
        const temporary_folder out;
        const std::string command = RATIONALE_ANALYZE " " + small + "-o " + out.path().string() + options + where;
        const int code = WEXITSTATUS(std::system(("exec 2>" + (out.path() / "errors").string() + "; " + command).c_str()));
        CHECK(nlohmann::json::parse(text_of(out.path() / "results.json"))["recordings"].size() == 1);
        CHECK(cells(out.path()).size() == 24);
        return std::pair(code, text_of(out.path() / "errors"));
    };
    CHECK(with("", " | :").first == 0);  // the shell's: that of the last command
    const std::string full = "analyze: standard output: cannot be written (No space left on device)\n";
    CHECK(with("", " >/dev/full") == std::pair(1, full));
    CHECK(with(" --json", " >/dev/full") == std::pair(1, full));
    CHECK(with("", " >&-") == std::pair(1, std::string("analyze: standard output: cannot be written (Bad file descriptor)\n")));
    CHECK(with(" -q", " >&-") == std::pair(0, std::string()));
    CHECK(WEXITSTATUS(std::system(RATIONALE_ANALYZE " --help >/dev/full 2>/dev/null")) == 1);
    CHECK(WEXITSTATUS(std::system(RATIONALE_ANALYZE " --version >/dev/null 2>&1")) == 0);
}

TEST_CASE("paths that are no UTF-8, and a recording's name with control characters") {
    const temporary_folder folder;
    const auto in = folder.path() / "in\xff\x1b[2J", out = folder.path() / "out\xff";
    std::filesystem::copy(RATIONALE_EXAMPLES "/data/balls_and_urns_zipf", in);
    auto manifest = nlohmann::json::parse(text_of(in / "manifest.json"));
    manifest["name"] = "\x1b]0;title\x07 <b>\nname";
    std::ofstream(in / "manifest.json") << manifest;
    const std::string options = " --loss-sequences 64 --loss-error 1 --no-memory --report '" + (out / "report").string() + "' -o '";
    const auto o = run("'" + in.string() + "'" + options + out.string() + "'");
    CHECK(o.code == 0);
    CHECK(o.output.starts_with("\\x1b]0;title\\x07 <b>\\x0aname: 1 run of the family balls_and_urns, D = 64\n"));
    CHECK(o.output.find('\x1b') == std::string::npos);
    CHECK(o.output.find("out\\xff/results.json") != std::string::npos);
    CHECK(results(out)["recordings"][0]["name"] == manifest["name"]);
    CHECK(text_of(out / "report" / "index.html").find("\\x1b[2J") != std::string::npos);
    CHECK(text_of(out / "report" / "index.html").find('\xff') == std::string::npos);
}

TEST_CASE("numbers of the command line are taken as they are written, or refused") {
    const temporary_folder out;
    const auto refused = [&](const std::string& option, const std::string& value) {
        const auto o = run(RATIONALE_EXAMPLES "/data/balls_and_urns_zipf -o " + (out.path() / "o").string() + " " + option + " " + value);
        CHECK_MESSAGE(o.code != 0, (option + " " + value));
        CHECK_MESSAGE(o.output.find(option + ": " + value + " is no ") != std::string::npos, o.output);
    };
    for (const char* seed : {"-1", "010", "18446744073709551616", "1e3", "0x10", "1.5", "+1"}) refused("--seed", seed);
    for (const char* option : {"--threads", "--bootstrap", "--consecutive", "--loss-sequences"})
        refused(option, "-1"), refused(option, "007");
    for (const char* option : {"--threshold", "--loss-error", "--neither", "--memory-limit"})
        for (const char* value : {"nan", "inf", "-1", "1e999"}) refused(option, value);
    CHECK(!std::filesystem::exists(out.path() / "o"));
    CHECK(run(small + "-q --seed 18446744073709551615 --threads 0 -o " + out.path().string()).code == 0);
    const auto o = run(small + "-q --memory-limit 1e-6 -o " + (out.path() / "o").string());
    CHECK(o.code == 1);
    CHECK(o.output.find("of the memory for arrays (analyze --memory-limit") != std::string::npos);
    CHECK(!std::filesystem::exists(out.path() / "o"));  // nothing is left of a fault
    std::filesystem::create_symlink(out.path() / "nowhere", out.path() / "o");
    const auto link = run(small + "-q -o " + (out.path() / "o").string());
    CHECK(link.code == 1);
    CHECK(link.output.find("is a link to nothing") != std::string::npos);
}

TEST_CASE("what is no recording among several arguments is refused or named, and recordings of one name are told apart") {
    const temporary_folder folder;
    const auto one = folder.path() / "one", two = folder.path() / "two", out = folder.path() / "out";
    for (const auto& to : {one, two}) std::filesystem::copy(RATIONALE_EXAMPLES "/data/balls_and_urns_zipf", to);
    const std::string options = " --loss-sequences 64 --loss-error 1 --no-memory -o " + out.string();
    const auto npz = (two / "D00064-seed21.npz").string();
    for (const auto& wrong : {npz, (two / "manifest.json").string()}) {
        const auto o = run(one.string() + " " + wrong + options);
        CHECK(o.code == 1);
        CHECK(o.output == "analyze: " + wrong + ": is a file, expected the folder of a recording\n");
    }
    auto o = run(one.string() + " " + (folder.path() / "." / "one").string() + options);
    CHECK(o.code == 1);
    CHECK(o.output.find("is the same recording as " + one.string() + ", expected each once") != std::string::npos);
    CHECK(!std::filesystem::exists(out));
    std::ofstream(folder.path() / "README.md") << "x";
    o = run((folder.path() / "README.md").string() + " " + one.string() + " " + two.string() + options);
    CHECK(o.code == 0);
    CHECK(o.output.find("README.md is a file and no recording, it is left out\n") != std::string::npos);
    std::map<std::string, int> rows;
    for (const auto& row : cells(out)) ++rows[row.at("recording")];
    const std::string name = nlohmann::json::parse(text_of(one / "manifest.json"))["name"];
    CHECK(rows == std::map<std::string, int>{{name + " (" + one.string() + ")", 24}, {name + " (" + two.string() + ")", 24}});
}

TEST_CASE("one run under two seeds is refused, whatever its copy is called") {
    const temporary_folder folder;
    const auto in = folder.path() / "in";
    std::filesystem::copy(RATIONALE_EXAMPLES "/data/balls_and_urns_zipf", in);
    std::filesystem::copy(in / "D00064-seed21.npz", in / "copy.npz");
    auto manifest = nlohmann::json::parse(text_of(in / "manifest.json"));
    manifest["runs"].push_back({{"file", "copy.npz"}, {"tasks", 64}, {"seed", 22}});
    std::ofstream(in / "manifest.json") << manifest;
    const auto o = run(in.string() + " -q -o " + (folder.path() / "out").string());
    CHECK(o.code == 1);
    CHECK(o.output.find("copy.npz: holds the same arrays as " + (in / "D00064-seed21.npz").string() + ", expected a file for each run") !=
          std::string::npos);
}

TEST_CASE("places of files are checked before the work") {
    const temporary_folder folder;
    const auto out = folder.path() / "out", file = folder.path() / "file";
    std::ofstream(file) << "x";
    std::filesystem::create_directories(folder.path() / "taken" / "cells.csv");
    const auto message = [&](const std::string& options) {
        const auto o = run(small + "--bootstrap 1000000 " + options);  // which would take hours
        CHECK(o.code == 1);
        CHECK(std::count(o.output.begin(), o.output.end(), '\n') == 1);
        return o.output;
    };
    const auto here = [](const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; };
    const std::string to = " -o " + out.string();
    CHECK(here(message("--report " + file.string() + to), "file/index.html: cannot be written, " + file.string() + " is a file"));
    CHECK(here(message("--report " + (file / "deep").string() + to), "is a file, expected a folder"));
    CHECK(here(message("--vega " + (folder.path() / "none.js").string() + to), "none.js: there is no such file, expected the programs"));
    CHECK(here(message("--vega /dev/zero" + to), "/dev/zero: is a device, expected the programs"));
    CHECK(here(message("-o " + file.string()), "file/results.json: cannot be written, "));
    CHECK(here(message("-o " + (folder.path() / "taken").string()), "cells.csv: cannot be written, it is a folder"));
    CHECK(!std::filesystem::exists(out));
}

TEST_CASE("a run's file that is replaced while it is analyzed ends the analysis, and the report's hashes are of what was analyzed") {
    const temporary_folder folder;
    const auto in = folder.path() / "in", out = folder.path() / "out";
    std::filesystem::copy(RATIONALE_EXAMPLES "/data/balls_and_urns_zipf", in);
    const std::string options =
        " --loss-sequences 64 --loss-error 1 --no-memory --report " + (out / "report").string() + " -o " + out.string();
    const auto npz = in / "D00064-seed21.npz";
    REQUIRE(std::filesystem::exists(npz));
    const background program(in.string() + options + " --bootstrap 3000");
    REQUIRE(comes_true([&] { return std::filesystem::exists(out); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    std::filesystem::copy(npz, folder.path() / "other");
    std::filesystem::rename(folder.path() / "other", npz);
    CHECK(program.exit_code() == 1);
    CHECK(!std::filesystem::exists(out));
    REQUIRE(run(in.string() + options).code == 0);
    const auto page = text_of(out / "report" / "index.html");
    if (page.find("SHA-256") == std::string::npos) return;  // built without OpenSSL
    for (const char* file : {"manifest.json", "D00064-seed21.npz"})
        CHECK(page.find(output_of("sha256sum <" + (in / file).string()).substr(0, 64)) != std::string::npos);
}
