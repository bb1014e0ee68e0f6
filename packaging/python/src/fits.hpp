// What fits.cpp adds to the module.
#ifndef RATIONALE_PYTHON_FITS_HPP
#define RATIONALE_PYTHON_FITS_HPP

#include <pybind11/pybind11.h>

namespace rationale::python {
void add_fits(pybind11::module_& m);
}  // namespace rationale::python

#endif
