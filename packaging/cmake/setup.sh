# Sourced by the scripts in examples, tests and benchmarks.

core_packages=(g++ cmake ninja-build libxtensor-dev libxsimd-dev xtl-dev)
files_packages=(libzip-dev nlohmann-json3-dev libcli11-dev libssl-dev)
compression_packages=(liblzma-dev libzstd-dev libbrotli-dev libbz2-dev)
python_packages=(mypy python3-dev python3-numpy python3-pandas python3-pip python3-pybind11 python3-pytest python3-setuptools python3-wheel pybind11-dev)
mpi_packages=(openmpi-bin libopenmpi-dev)

say() { printf '== %s\n' "$*"; }

# Installs those of the named Debian packages that are missing. Whatever happens the build is tried: the libraries may be there all the same.
install_missing() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        say "This system has no apt, so nothing was installed. The build needs (Debian's names): $*"
        return
    fi
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local command=(env DEBIAN_FRONTEND=noninteractive apt-get -qq)
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "Neither root nor sudo, so nothing was installed. As root: apt-get install ${missing[*]}"
            return
        fi
        command=(sudo "${command[@]}")
    fi
    say "Installing ${missing[*]}"
    local log
    log=$(mktemp)
    if ! "${command[@]}" install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 </dev/null; then
        if ! { "${command[@]}" update && "${command[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
            cat "$log"
            say "The installation failed. By hand: apt-get install ${missing[*]}"
        fi
    fi
    rm -f "$log"
}

# python_with MODULE: a Python that has it. The first on the path may be another one than Debian's.
python_with() {
    local python
    for python in python3 /usr/bin/python3; do
        if "$python" -c "import $1" 2>/dev/null; then command -v "$python"; return; fi
    done
    return 1
}

# How many compilers run side by side: one a processor, as long as each has 2 GB.
build_jobs() {
    local processors gigabytes
    processors=$(nproc)
    gigabytes=$(awk '/^MemAvailable:/ { print int($2 / 2000000) }' /proc/meminfo)
    [ "${gigabytes:-1}" -ge 1 ] || gigabytes=1
    echo $((processors < gigabytes ? processors : gigabytes))
}

# Configures a preset, with Ninja where it is installed.
configure() {
    local generator=()
    if command -v ninja >/dev/null && [ ! -f "build/$1/CMakeCache.txt" ]; then generator=(-G Ninja); fi
    cmake --preset "$1" "${generator[@]}" "${@:2}"
}
