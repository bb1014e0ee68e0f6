# packaging/release.sh makes the recipe of a registry from this one.
import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load

# What the library and each component needs: the packages, and their components.
CORE = {"xtensor/[>=0.24 <1]": "xtensor::xtensor", "xsimd/[>=8.1 <15]": "xsimd::xsimd"}
FILES = {"libzip/[>=1.7 <2]": "libzip::libzip", "nlohmann_json/[>=3.11 <4]": "nlohmann_json::nlohmann_json"}
COMPRESSION = {"xz_utils/[>=5.4.5 <6]": "xz_utils::xz_utils", "bzip2/[>=1.0.8 <2]": "bzip2::bzip2",
               "brotli/[>=1.0.9 <2]": "brotli::brotlienc", "zstd/[~1.5]": "zstd::zstdlib"}
MPI = {"openmpi/[>=4 <5]": "openmpi::openmpi"}
PROGRAM = {"cli11/[>=2.1 <3]": "cli11::cli11", "openssl/[>=1.1 <4]": "openssl::crypto"}


class Rationale(ConanFile):
    name = "rationale"
    description = "Rational analysis of in-context learning"
    license = "BSD-3-Clause"
    topics = ("in-context-learning", "bayesian", "simd", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"files": [True, False], "compression": [True, False], "program": [True, False], "mpi": [True, False]}
    # xtensor's own use of xsimd would change the type of its containers.
    default_options = {"files": False, "compression": False, "program": False, "mpi": False, "xtensor/*:xsimd": False}
    exports_sources = "include/*", "LICENSE"
    no_copy_source = True
    test_package_folder = "packaging/conan/test_package"

    def set_version(self):
        text = load(self, os.path.join(self.recipe_folder, "include", "rationale", "version.hpp"))
        self.version = ".".join(re.search(rf"#define RATIONALE_VERSION_{part} (\d+)", text)[1] for part in ("MAJOR", "MINOR", "PATCH"))

    def requirements(self):
        for wanted, references in ((True, CORE), (self._has("files"), FILES), (self._has("compression"), COMPRESSION),
                                   (self._has("program"), PROGRAM), (self._has("mpi"), MPI)):
            for reference in references if wanted else ():
                self.requires(reference)

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"), os.path.join(self.package_folder, "include"))

    def package_info(self):
        # The targets of the installed CMake package; Conan's target of everything stands beside them.
        self.cpp_info.set_property("cmake_file_name", "rationale")
        self.cpp_info.set_property("cmake_target_name", "rationale::everything")
        self.cpp_info.set_property("pkg_config_name", "rationale-everything")
        self._component("rationale", [*CORE.values()])
        if self.settings.os in ("Linux", "FreeBSD"):
            self.cpp_info.components["rationale"].system_libs = ["pthread"]
        if self._has("files"):
            self._component("files", ["rationale", *FILES.values()])
            self._component("figures", ["files"])
        if self._has("compression"):
            self._component("compression", ["rationale", *COMPRESSION.values()])
        if self._has("program"):
            self._component("program", ["figures", "compression", *PROGRAM.values()])
        if self._has("mpi"):
            self._component("mpi", ["rationale", *MPI.values()])

    def _has(self, component):
        """An option that is off already is not switched on by a recipe, so that program brings files and compression here."""
        return bool(getattr(self.options, component)) or (component in ("files", "compression") and bool(self.options.program))

    def _component(self, name, needs):
        component = self.cpp_info.components[name]
        component.set_property("cmake_target_name", f"rationale::{name}")
        component.set_property("pkg_config_name", name if name == "rationale" else f"rationale-{name}")
        component.requires = needs
        component.bindirs = component.libdirs = []
