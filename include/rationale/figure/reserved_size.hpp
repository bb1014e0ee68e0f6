#ifndef RATIONALE_FIGURE_RESERVED_SIZE_HPP
#define RATIONALE_FIGURE_RESERVED_SIZE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>

#include "rationale/figure/figure.hpp"

namespace rationale::detail {

struct pixels {
    double width = 0, height = 0;
};

/// About how large a figure will be, so that a page keeps its place before it is drawn. Whatever the drawing needs beside its panels is
/// taken from what Vega-Lite usually adds for axes, headers and legends.
class size_estimate {
public:
    explicit size_estimate(const figure& f) : data_(f.data) {
        size_ = of(f.spec);
        // Legends above, once for the whole figure unless it has panels of their own.
        if (legends_ && !f.spec.contains("hconcat")) size_.height += 36;
    }
    [[nodiscard]] pixels size() const { return {std::ceil(size_.width), std::ceil(size_.height)}; }

private:
    using json = nlohmann::ordered_json;

    [[nodiscard]] double distinct(const json& channel) const {
        if (!channel.contains("field")) return 1;
        std::set<std::string> values;
        for (const auto& row : data_)
            if (const auto at = row.find(channel["field"].get<std::string>()); at != row.end()) values.insert(at->dump());
        return static_cast<double>((std::max)(std::size_t{1}, values.size()));
    }
    [[nodiscard]] double side(const json& spec, const char* name, const char* channel, double otherwise) const {
        if (!spec.contains(name)) return otherwise;
        if (spec[name].is_number()) return spec[name].get<double>();
        const double step = spec[name].is_object() ? spec[name].value("step", 20.0) : 20;
        const auto encoding = spec.value("encoding", json::object());
        return step * (encoding.contains(channel) ? distinct(encoding[channel]) : 1);
    }
    pixels of(const json& spec) {
        const auto text = spec.dump();
        if (text.find("\"color\":{\"field\"") != std::string::npos || text.find("\"legend\":{") != std::string::npos) legends_ = true;
        if (spec.contains("hconcat")) {
            pixels out;
            for (const auto& part : spec["hconcat"]) {
                const auto inner = of(part);
                out.width += inner.width + (out.width > 0 ? 20 : 0);
                out.height = (std::max)(out.height, inner.height + 36);
            }
            return out;
        }
        if (spec.contains("vconcat")) {
            pixels out;
            for (const auto& part : spec["vconcat"]) {
                const auto inner = of(part);
                out.height += inner.height + (out.height > 0 ? 20 : 0);
                out.width = (std::max)(out.width, inner.width);
            }
            return out;
        }
        if (spec.contains("facet")) {
            const auto inner = of(spec["spec"]);
            const auto& facet = spec["facet"];
            double across = 1, down = 1;
            if (facet.contains("field")) {
                const double panels = distinct(facet);
                across = (std::min)(panels, spec.value("columns", panels));
                down = std::ceil(panels / across);
                // Wrapped panels have their own headers; axes are shared along a row and a column.
                return {axes.width + across * (inner.width - axes.width) + (across - 1) * 20,
                        axes.height + down * (inner.height - axes.height + 20) + (down - 1) * 20 + 20};
            }
            if (facet.contains("column")) across = distinct(facet["column"]);
            if (facet.contains("row")) down = distinct(facet["row"]);
            const double titles = facet.contains("column") && facet.contains("row") ? 40 : 20;  // of rows, and of what they are
            return {axes.width + across * (inner.width - axes.width) + (across - 1) * 20,
                    axes.height + down * (inner.height - axes.height) + (down - 1) * 20 + titles};
        }
        return {axes.width + side(spec, "width", "x", 200),
                axes.height + side(spec, "height", "y", 200) + (spec.contains("title") ? 20 : 0)};
    }

    static constexpr pixels axes{58, 44};
    const json& data_;
    pixels size_{};
    bool legends_ = false;
};

[[nodiscard]] inline pixels reserved_size(const figure& f) { return size_estimate(f).size(); }

}  // namespace rationale::detail

#endif
