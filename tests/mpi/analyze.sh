#!/usr/bin/env bash
# analyze.sh ANALYZE RECORDINGS OUT LAUNCHER...: analyses over ranks write what one process writes, byte for byte; a fault is said once and
# nothing is written; where a rank is killed all end.
set -u
analyze=$1 recordings=$2 out=$3
shift 3
launcher=("$@")
rm -rf "$out"
fail() { echo "analyze.sh: $*"; exit 1; }

# Each in a folder of its own, so that their command lines are the same.
in_folder() { mkdir -p "$out/$1" && cd "$out/$1" && "${@:2}" >stdout 2>stderr; }
same_files() { # NAME RANKS... -- OPTIONS...
    local name=$1 ranks=()
    shift
    while [ "$1" != -- ]; do ranks+=("$1"); shift; done
    shift
    local command=("$analyze" "$recordings/linear_regression" --threads 1 --loss-error 0.1 --output out --report out/report "$@")
    (in_folder "$name-alone" "${command[@]}") || fail "one process failed: $(cat "$out/$name-alone/stderr")"
    for n in "${ranks[@]}"; do
        (in_folder "$name-$n" "${launcher[@]}" "$n" "${command[@]}") || fail "$n ranks failed: $(cat "$out/$name-$n/stderr")"
        diff -r "$out/$name-alone/out" "$out/$name-$n/out" >"$out/diff" || fail "$n ranks write something else: $(head -c 500 "$out/diff")"
        cmp "$out/$name-alone/stdout" "$out/$name-$n/stdout" || fail "$n ranks print something else"
    done
}
same_files quick 1 4 -- --no-memory --bootstrap 5
same_files usual 3 --
same_files compare 2 -- --compare --bootstrap 5 --forecast

# Ranks that are told different things work apart.
(in_folder apart "${launcher[@]}" 2 sh -c 'exec "$0" "$1" --threads 1 --no-memory --output out$OMPI_COMM_WORLD_RANK' "$analyze" "$recordings/linear_regression") ||
    fail "ranks with different command lines failed: $(cat "$out/apart/stderr")"
[ -s "$out/apart/out0/results.json" ] && [ -s "$out/apart/out1/results.json" ] || fail "ranks with different command lines must each write"
# What cannot be printed ends all, too.
(in_folder full timeout 20 "${launcher[@]}" 2 sh -c 'exec "$0" --help >/dev/full' "$analyze")
[ $? = 124 ] && fail "ranks wait for one that could not print"

# A run whose file ends early: its rank finds that, and the first one says it.
faulty=$out/faulty
cp -r "$recordings/linear_regression" "$faulty"
last=$(ls "$faulty"/*.npz | tail -1)
truncate -s 100000 "$last"
(in_folder fault "${launcher[@]}" 3 "$analyze" "$faulty" --output out) && fail "a faulty file must fail"
[ "$(grep -c '^analyze: ' "$out/fault/stderr")" = 1 ] || fail "one sentence is expected: $(cat "$out/fault/stderr")"
grep -q "^analyze: $last: " "$out/fault/stderr" || fail "the file must be named: $(cat "$out/fault/stderr")"
[ -z "$(find "$out/fault/out" -type f 2>/dev/null)" ] || fail "a fault must leave no file"

# A rank is killed while all work.
in_folder killed "${launcher[@]}" 3 "$analyze" "$recordings/classification" --compare --bootstrap 100000 --threads 1 --output "$out/killed/out" &
job=$!
for _ in $(seq 100); do
    ranks=()
    for process in /proc/[0-9]*; do
        case "$(tr '\0' ' ' 2>/dev/null <"$process/cmdline")" in "$analyze "*"--output $out/killed/out "*) ranks+=("${process#/proc/}") ;; esac
    done
    [ ${#ranks[@]} -ge 3 ] && break
    sleep 0.1
done
[ ${#ranks[@]} -ge 3 ] || fail "the ranks did not start: $(cat "$out/killed/stderr")"
sleep 1
kill -9 "${ranks[1]}"
for _ in $(seq 200); do kill -0 $job 2>/dev/null || break; sleep 0.1; done
kill -0 $job 2>/dev/null && { kill $job; fail "the ranks must end within 20 s"; }
wait $job && fail "the status must tell"
[ -z "$(find "$out/killed/out" -type f 2>/dev/null)" ] || fail "a killed rank must leave no file"
echo "the same files for 1 to 4 ranks, one sentence for a fault, an end after a death"
