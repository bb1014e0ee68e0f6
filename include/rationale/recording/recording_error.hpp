#ifndef RATIONALE_RECORDING_RECORDING_ERROR_HPP
#define RATIONALE_RECORDING_RECORDING_ERROR_HPP

#include <stdexcept>
#include <string>

#include "rationale/recording/text.hpp"

namespace rationale {

/// A fault of a recording, in one sentence that names file, array, what was expected and what was found. Names come from files that others
/// wrote: control characters in them are escaped.
class recording_error : public std::runtime_error {
public:
    /// In one sentence.
    explicit recording_error(const std::string& sentence) : std::runtime_error(detail::shown(sentence)) {}
};

}  // namespace rationale

#endif
