// The page: what it says is what the analysis says.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "rationale/figure/report.hpp"
#include "support/folder.hpp"
#include "support/made_up_analysis.hpp"

using namespace rationale;
using rationale_test::made_up_analysis;
using rationale_test::temporary_folder;

namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("the page says it in words, escapes what it is given, and names how it was made") {
    const temporary_folder folder;
    const std::vector<recording_analysis> one{made_up_analysis()};
    write_report(folder.path() / "r", one, {.command = {"analyze", "a<b"}, .vega = "/*vega*/"});
    const auto page = text_of(folder.path() / "r" / "index.html");
    CHECK(page.find("made &lt;up&gt; &amp; &quot;quoted&quot;") != std::string::npos);
    CHECK(page.find("made <up>") == std::string::npos);
    CHECK(page.find("nearer to memorizing in 1 of 2 runs") != std::string::npos);
    CHECK(page.find("5 &lt; 6 &amp; 7") != std::string::npos);
    CHECK(page.find("a&lt;b") != std::string::npos);
    CHECK(page.find("<script>/*vega*/</script>") != std::string::npos);
    CHECK(page.find("http") == page.find("https://vega.github.io/schema"));  // nothing else is asked of the network
    const auto opened = [&](const std::string& what) {
        std::size_t n = 0;
        for (std::size_t at = page.find(what); at != std::string::npos; at = page.find(what, at + 1)) ++n;
        return n;
    };
    CHECK(opened("<script") == opened("</script>"));
    CHECK(opened("data-figure=") == figures_of(one[0]).size() + 1);  // and the card's phase diagram; there is no map
    CHECK(text_of(folder.path() / "r" / "figures" / "recording-odds.csv") == odds_maps(one[0]).csv());
    CHECK(nlohmann::json::parse(text_of(folder.path() / "r" / "figures" / "recording-odds.vl.json")) ==
          nlohmann::json(odds_maps(one[0]).specification()));
    CHECK(page.find("What it costs not to know") == std::string::npos);
    std::vector<recording_analysis> with_regret{made_up_analysis()};
    rationale_test::add_regret(with_regret[0]);
    write_report(folder.path() / "regret", with_regret);
    const auto costs = text_of(folder.path() / "regret" / "index.html");
    CHECK(costs.find("<dt>What it costs not to know</dt><dd>At the last checkpoint the model's loss on a sequence is 1.2 nats above that "
                     "of the strategy that is best on it in hindsight; this grows more slowly than the context in 0 of 2 runs.") !=
          std::string::npos);
    CHECK(costs.find("is largest at D = 16 (8 to 32), 2 a sequence (1.8 to 2.2).") != std::string::npos);
    CHECK(costs.find("announced 1 of 1 switch") != std::string::npos);
    CHECK(costs.find("<td>100 (10 to 1000)</td><td>peak 100</td><td>announced</td>") != std::string::npos);
    CHECK(costs.find("<td>not watched</td>") != std::string::npos);
    CHECK(std::filesystem::exists(folder.path() / "regret" / "figures" / "recording-regret.csv"));
    const std::vector<recording_analysis> two{made_up_analysis(), made_up_analysis()};
    write_report(folder.path() / "two", two);
    const auto linked = text_of(folder.path() / "two" / "index.html");
    CHECK(linked.find("public copy") != std::string::npos);
    for (const auto& [name, version] : detail::vega_versions) {
        CHECK(linked.find(std::string(name) + "@" + version) != std::string::npos);
        CHECK(
            text_of(std::string(RATIONALE_EXAMPLES) + "/report/package.json").find("\"" + std::string(name) + "\": \"" + version + "\"") !=
            std::string::npos);
    }
    CHECK(std::filesystem::exists(folder.path() / "two" / "figures" / "recording-2-odds.csv"));
}
