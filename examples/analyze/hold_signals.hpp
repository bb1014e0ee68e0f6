#ifndef RATIONALE_EXAMPLES_ANALYZE_HOLD_SIGNALS_HPP
#define RATIONALE_EXAMPLES_ANALYZE_HOLD_SIGNALS_HPP

#include <csignal>

/// While it lives, Ctrl-C, kill and a closed terminal wait: what is being written is finished, and the program ends then. Before anything
/// is written they end it at once and nothing is left.
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

#endif
