#ifndef RATIONALE_PROGRAM_HOLD_SIGNALS_HPP
#define RATIONALE_PROGRAM_HOLD_SIGNALS_HPP

#include <csignal>
#include <initializer_list>

namespace rationale::detail {

/// While it lives, Ctrl-C, kill and a closed terminal do not reach this thread and those that it starts; they wait, and end the program
/// afterwards. A signal goes to any thread that does not hold it: those that live while files are written must have been started so.
class hold_signals {
public:
    hold_signals() {
        sigset_t held;
        sigemptyset(&held);
        for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&held, signal);
        pthread_sigmask(SIG_BLOCK, &held, &before_);
    }
    ~hold_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    hold_signals(const hold_signals&) = delete;
    hold_signals& operator=(const hold_signals&) = delete;

private:
    sigset_t before_{};
};

}  // namespace rationale::detail

#endif
