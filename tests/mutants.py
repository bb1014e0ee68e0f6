#!/usr/bin/env python3
"""Mistakes of a competent programmer, one line each, that the tests must notice.

Each is put into a copy of include/, its test files are compiled against that copy and run. Killed: a test fails. Survived: all pass, though
nobody said why they may (`equivalent`). Repair: its text is no longer there once, its file no longer compiles, or its tests fail as they
are. Results are printed one a line, survivors and repairs again at the end; the last line is "N of M killed, ...".

Usage: tests/mutants.py [--only TEXT]... [--jobs N] [--list]
  --only TEXT   mutants whose name or header contains it
  --list        no test is run: says whether every text is found once
Results are kept in build/mutants, so that a run that was interrupted goes on where it stopped, as long as no file has changed.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "mutants"
TIME_LIMIT = 300  # seconds of a processor's time for a test: an endless loop is noticed, too


class Mutant:
    def __init__(self, name, header, before, after, *tests, equivalent=None):
        self.name, self.header, self.before, self.after, self.tests, self.equivalent = name, header, before, after, tests, equivalent


# A test is a file below tests/, perhaps followed by " -- " and the beginning of a test case's name.
M = Mutant
MUTANTS = [
    # kernel
    M("what a component gains on its rival may be negative",
      "kernel/gain_on_rival.hpp",
      "lane_access<V>::larger(logs[o.place], V(o.log_rival))",
      "logs[o.place]",
      "kernel/skipping_test.cpp -- what can be gained"),
    M("components that may matter are left out: the gap with the other sign",
      "kernel/log_fold.hpp",
      "- (shortfall(later) - shortfall(now)) - gap_)",
      "- (shortfall(later) - shortfall(now)) + gap_)",
      "prior/tempered_test.cpp"),
    M("parts of a sum merge with the inverse factor",
      "kernel/mixture_sums.hpp",
      "std::exp(scale - reference)",
      "std::exp(reference - scale)",
      "kernel/fold_test.cpp -- sums over parts"),
    M("the gain of a filter is not divided by the predictive variance",
      "kernel/covariance_factor.hpp",
      "gain_[i] = gain * inverse;",
      "gain_[i] = gain;",
      "strategy/published_test.cpp -- regression, closed"),
    # random
    M("a Gamma variate of a shape below 1 is boosted by the wrong power",
      "random/samplers.hpp",
      "std::log(uniform(rng)) / shape",
      "std::log(uniform(rng)) * shape",
      "prior/sampling_test.cpp -- urns"),
    # task
    M("noise drawn with its variance in place of its deviation",
      "task/linear_regression.hpp",
      "noise_deviation = std::sqrt(noise_variance());",
      "noise_deviation = noise_variance();",
      "prior/sampling_test.cpp -- regression"),
    M("the default noise variance does not grow with the dimensions",
      "task/linear_regression.hpp",
      "static_cast<double>(dimensions()) / 256",
      "8.0 / 256",
      "task/feature_regression_test.cpp -- feature regression"),
    M("second moments count what is off the diagonal once",
      "task/linear_regression.hpp",
      "m.xx[entry++] += 2 * x[i] * x[j];",
      "m.xx[entry++] += x[i] * x[j];",
      "prior/tempered_test.cpp"),
    M("the logarithm of a variance in place of that of a deviation",
      "task/linear_regression.hpp",
      "log_norm_ = 0.5 * std::log(",
      "log_norm_ = std::log(",
      "strategy/published_test.cpp -- regression, closed"),
    M("label noise only to other labels",
      "task/classification.hpp",
      "(1 - values_.label_noise) * p + values_.label_noise / static_cast<double>(outcomes())",
      "(1 - values_.label_noise) * p + values_.label_noise * (1 - p) / static_cast<double>(outcomes() - 1)",
      "prior/remembered_test.cpp -- remembered classification"),
    M("shown items vary by the within-class variance alone",
      "task/classification.hpp",
      "std::sqrt(within_class_variance() * item_variance()), scale",
      "std::sqrt(within_class_variance()), scale",
      "prior/sampling_test.cpp -- classification"),
    M("hidden states move by the transposed matrix",
      "task/hidden_markov.hpp",
      "from * states() + to]",
      "to * states() + from]",
      "task/hidden_markov_test.cpp -- a hidden Markov model equals"),
    M("a chain's last tokens are read newest first",
      "task/ngram_fold.hpp",
      "p.code = (p.code * outcomes() + token) % powers_.back();",
      "p.code = (p.code + token * powers_.back()) / outcomes();",
      "task/markov_chain_test.cpp -- Markov retrieval equals"),
    M("numbers around a mean are drawn with the variance",
      "task/gaussian_location.hpp",
      "std::sqrt(truth.tasks(s, 1)) * v",
      "truth.tasks(s, 1) * v",
      "task/gaussian_location_test.cpp -- Gaussian location"),
    M("an output at random is never the right one",
      "task/finite_function.hpp",
      "return 1 - values_.noise + miss();",
      "return 1 - values_.noise;",
      "task/finite_function_test.cpp -- finite functions"),
    M("a Fourier basis without pi",
      "task/bases.hpp",
      "std::numbers::pi * static_cast<double>(j) * x[i]",
      "static_cast<double>(j) * x[i]",
      "task/feature_regression_test.cpp -- feature regression"),
    M("inputs of features are scaled by their variance",
      "task/feature_regression.hpp",
      "v *= std::sqrt(own_.input_variance);\n        const auto seen",
      "v *= own_.input_variance;\n        const auto seen",
      "task/feature_regression_test.cpp -- feature regression"),
    # prior
    M("tempered: the bound by which components are left out is not tempered",
      "prior/tempered.hpp",
      "return scaled(fold::greatest_log_likelihood(shared));",
      "return fold::greatest_log_likelihood(shared);",
      "prior/tempered_test.cpp"),
    M("kappa of regression ignores the inputs' variance",
      "prior/memory.hpp",
      "half_(noise_variance / (square * covariance_.mean_variance()))",
      "half_(noise_variance / covariance_.mean_variance())",
      "prior/remembered_test.cpp -- remembered regression"),
    M("a remembered weight vector is drawn with its variance",
      "prior/memory.hpp",
      "covariance_.colour(drawn, 1 - s);",
      "covariance_.colour(drawn, (1 - s) * (1 - s));",
      "prior/remembered_test.cpp -- a drawn memory"),
    M("a remembered item costs nothing for its label",
      "prior/memory.hpp",
      "return label_nats_ + detail::gaussian_memory_nats(",
      "return detail::gaussian_memory_nats(",
      "prior/remembered_test.cpp -- what a memory takes"),
    M("nats of a memory: the share is not squared",
      "prior/memory.hpp",
      "0.5 * (s * s * square / variance",
      "0.5 * (s * square / variance",
      "prior/remembered_test.cpp -- what a memory takes"),
    M("urns remembered with precisions of their own all have the first one's",
      "prior/remembered_rows.hpp",
      "column[own_step() * stride] = (1 - prior.share(d)) / a_sum_;",
      "column[own_step() * stride] = (1 - prior.share(0)) / a_sum_;",
      "prior/remembered_test.cpp -- remembered urns"),
    M("what is left of the task variance is its remembered share",
      "prior/remembered_regression.hpp",
      "family_.task_covariance(), 1 - share_)",
      "family_.task_covariance(), share_)",
      "prior/remembered_test.cpp -- remembered regression"),
    M("a query around a remembered item: share for what is left of it",
      "prior/remembered.hpp",
      "spread = (1 - s) * exponent_ + v;",
      "spread = s * exponent_ + v;",
      "prior/remembered_test.cpp -- remembered classification"),
    M("ridge ignores the prior's mean",
      "prior/gaussian.hpp",
      "mean[i] = kernel::broadcast<V>(prior.mean()[i]);",
      "mean[i] = kernel::broadcast<V>(0.0);",
      "strategy/published_test.cpp -- regression, closed"),
    M("remembered chains: what comes before enough tokens are known counts once, whatever the exponent",
      "prior/remembered_rows.hpp",
      "p.log_next = exponent_ * std::log(static_cast<double>(outcomes()));",
      "p.log_next = std::log(static_cast<double>(outcomes()));",
      "prior/remembered_rows_test.cpp -- what is remembered"),
    M("what a remembered task can gain on another one grows too little with the exponent",
      "prior/remembered_rows.hpp",
      "gain.add(log_mean, slope * (to - since), rival[log_mean]);",
      "gain.add(log_mean, .8 * slope * (to - since), rival[log_mean]);",
      "prior/remembered_rows_test.cpp -- what a remembered chain can gain"),
    M("a tabulated factor is that of a token that came once more",
      "prior/remembered_rows.hpp",
      "const V seen = kernel::broadcast<V>(step_ * exponent_ * c.times);",
      "const V seen = kernel::broadcast<V>(step_ * exponent_ * (c.times + 1));",
      "kernel/cell_table_test.cpp -- remembered and tempered"),
    M("the belief of a chain's row is that of the row before it",
      "prior/memory.hpp",
      "precision(s) * task[first + k];",
      "precision(s) * task[k];",
      "prior/remembered_rows_test.cpp -- what a remembered chain"),
    M("a tempered Dirichlet's draws count once in its evidence",
      "prior/dirichlet.hpp",
      "if (exponent_ == 1) return kernel::logarithm(expected[token]);",
      "if (exponent_ >= 0) return kernel::logarithm(expected[token]);",
      "prior/dirichlet_test.cpp"),
    M("expected loss of urns counts a draw too many",
      "prior/dirichlet.hpp",
      "log_totals += std::log(exponent_ * static_cast<double>(t) + a_sum);",
      "log_totals += std::log(exponent_ * static_cast<double>(t + 1) + a_sum);",
      "strategy/loss_test.cpp -- urns losses in closed form"),
    M("unknown variance: residuals are not shrunk by how sure the mean is",
      "prior/normal_inverse_gamma.hpp",
      "all(half * (1 + known) / (1 + known + flatness_ * exponent_))",
      "all(half)",
      "task/gaussian_location_test.cpp -- Gaussian location"),
    M("locations that may matter are left out: the least scale's evidence is that without a number's own part",
      "prior/normal_inverse_gamma.hpp",
      "m.greatest += m.log_norm_next - 0.5 * exponent_ * least_log_;",
      "m.greatest += m.log_norm_next - 0.5 * exponent_ * least_log_ - 2;",
      "prior/remembered_location_test.cpp -- remembered locations"),
    M("an unknown variance is remembered without the distance between the means",
      "prior/memory.hpp",
      "t * (table.tasks(d, 1) + (1 - s) * apart * apart)",
      "t * table.tasks(d, 1)",
      "prior/remembered_location_test.cpp -- remembered locations"),
    M("a memory of features knows nothing of their size",
      "prior/memory.hpp",
      "family.feature_square())",
      "family.values().input_variance)",
      "prior/remembered_regression_test.cpp -- remembered features"),
    M("ridge regression, every pair counted e times: an evidence without its norm's power",
      "prior/gaussian.hpp",
      "log_unit_ = e * std::log(",
      "log_unit_ = std::log(",
      "prior/power_posterior_test.cpp -- regression: every"),
    M("a mixture of Gaussians, every pair counted e times, filters with the noise of one",
      "prior/gaussian_mixture.hpp",
      "V variance = kernel::broadcast<V>(noise_variance_);",
      "V variance = kernel::broadcast<V>(family_.noise_variance());",
      "prior/power_posterior_test.cpp -- regression: every"),
    M("finite functions: outputs that miss count once",
      "prior/hypotheses.hpp",
      "log_miss_ = e == 0 ? 0 : e * std::log(",
      "log_miss_ = e == 0 ? 0 : std::log(",
      "prior/power_posterior_test.cpp -- finite"),
    M("a mixture of priors forgets its masses",
      "prior/mixture_of.hpp",
      "return out = std::log(masses_[i]) + p.log_weight(d), true;",
      "return out = p.log_weight(d), true;",
      "prior/mixture_test.cpp -- mixtures mix"),
    M("correlated weights are drawn with the transposed root",
      "prior/gaussian_mixture.hpp",
      "roots_[c][i * d + j] * z[j]",
      "roots_[c][j * d + i] * z[j]",
      "prior/composed_test.cpp -- a mixture of Gaussians has"),
    M("Zipf's weights grow with the rank",
      "prior/seen_tasks.hpp",
      "std::pow(static_cast<double>(rank), -exponent)",
      "std::pow(static_cast<double>(rank), exponent)",
      "prior/composed_test.cpp -- generator and predictor"),
    M("beliefs as Gaussians: the remembered share squared",
      "prior/beliefs.hpp",
      "c *= 1 - s;",
      "c *= 1 - s * s;",
      "prior/remembered_test.cpp -- regression remembered with"),
    # strategy
    M("every block of sequences that are converted is the first",
      "strategy/predict_arrays.hpp",
      "convert(where, data, first, n, room)",
      "convert(where, data, 0, n, room)",
      "strategy/arrays_test.cpp -- more sequences"),
    M("an array with gaps is read as if it had none",
      "arrays.hpp",
      "return a.size() == 0;",
      "return true;",
      "strategy/arrays_test.cpp -- arrays without gaps"),
    M("a control variate with the other sign",
      "strategy/loss.hpp",
      "mean[r] -= slope * off;",
      "mean[r] += slope * off;",
      "strategy/errors_test.cpp -- a loss in closed form"),
    M("the covariance in the error of a difference of losses counts once",
      "strategy/loss.hpp",
      "covariance(q, q) + covariance(r, r) - 2 * covariance(q, r)",
      "covariance(q, q) + covariance(r, r) - covariance(q, r)",
      "strategy/errors_test.cpp -- the stated errors"),
    M("a variance over n in place of n - 1",
      "strategy/loss.hpp",
      "freedom = count - 1 - static_cast<double>(known_);",
      "freedom = count - static_cast<double>(known_);",
      "strategy/errors_test.cpp -- of two sequences"),
    M("regression's loss without one half",
      "strategy/loss.hpp",
      "total *= 0.5 / family.noise_variance();",
      "total *= 1 / family.noise_variance();",
      "strategy/errors_test.cpp -- of two sequences"),
    M("parts of a mixture are weighed by what comes at the event itself",
      "strategy/merge.hpp",
      "other = log_mass + part_evidence[t];",
      "other = log_mass + part_evidence[(std::min)(t + 1, events)];",
      "prior/mixture_test.cpp -- a mixture of seen tasks"),
    M("recognizing does not ask which seen item a shown one is",
      "strategy/recognizing.hpp",
      "of_item[k] - of_any + of_query[k]",
      "of_query[k]",
      "strategy/rules_test.cpp -- recognizing"),
    M("copying with twice the precision",
      "strategy/copying.hpp",
      "0.5 * power_ / variance, scratch",
      "power_ / variance, scratch",
      "strategy/published_test.cpp -- classification, closed"),
    M("gradient descent on the sum of squared errors",
      "strategy/regression_rules.hpp",
      "w[i] += rate_ / static_cast<double>(t) * step[i];",
      "w[i] += rate_ * step[i];",
      "strategy/rules_test.cpp -- rules for regression"),
    M("an induction head misses the first place",
      "strategy/token_rules.hpp",
      "for (std::size_t i = match_; t >= match_",
      "for (std::size_t i = match_ + 1; t >= match_",
      "strategy/rules_test.cpp -- rules for tokens"),
    M("bigrams are counted backwards",
      "strategy/ngrams.hpp",
      "counts[view.observation(t - 1) * k + view.observation(t)] += 1",
      "counts[view.observation(t) * k + view.observation(t - 1)] += 1",
      "task/markov_chain_test.cpp -- Markov inference"),
    # compare
    M("the symmetric divergence is a sum and no mean",
      "compare/divergence.hpp",
      "V(0.5) * (most - least)",
      "(most - least)",
      "compare/distance_test.cpp -- distances, closed"),
    M("the error of a mean is the standard deviation over n",
      "compare/divergence.hpp",
      "std::sqrt(squares / (n - 1) / n)",
      "std::sqrt(squares / (n - 1)) / n",
      "compare/distance_test.cpp -- the standard error of a mean"),
    M("Hellinger's distance without its root",
      "compare/divergence.hpp",
      "return std::sqrt(summarize(",
      "return (summarize(",
      "compare/distance_test.cpp -- divergences agree"),
    M("a relative distance's error ignores that of the ratio",
      "compare/relative_distance.hpp",
      "to_g[s] - to_m[s] - ratio * m_to_g[s]",
      "to_g[s] - to_m[s] - (g - m) / n",
      "compare/distance_test.cpp -- a relative distance that is"),
    M("a threshold that is reached when it is met",
      "compare/relative_distance.hpp",
      "distance[i] < low + q * (high - low)",
      "distance[i] <= low + q * (high - low)",
      "compare/distance_test.cpp -- the threshold is strict"),
    M("every sequence is mixed with the first one's weights",
      "compare/mixture.hpp",
      "weights(weights.shape(0) == 1 ? 0 : s, t, q)",
      "weights(0, t, q)",
      "compare/distance_test.cpp -- mixtures on lanes"),
    M("what a context has shown counts for a strategy",
      "compare/context_loss.hpp",
      "w[q] = eta[q] - (lambda > 0",
      "w[q] = eta[q] + (lambda > 0",
      "compare/context_test.cpp -- the loss of weights"),
    M("ties have the rank of their first",
      "compare/agreement.hpp",
      "0.5 * static_cast<double>(i + 1 + j)",
      "static_cast<double>(i + 1)",
      "compare/distance_test.cpp -- correlations"),
    M("resampled sequences keep the constant of those that were not drawn",
      "compare/mixture_loss.hpp",
      "out.constant_ += weights[i] * losses[i].constant_",
      "out.constant_ += losses[i].constant_",
      "compare/mixing_test.cpp -- the parts of a loss"),
    # learner
    M("a range's base measure is left out",
      "learner/learner.hpp",
      "account_.log_mass[q] += all_.log_mass()[q]",
      "(void)q",
      "learner/ranges_test.cpp -- the posterior over a range"),
    M("the mode of a parameter is that of its nodes' masses, not of its density",
      "learner/parameter_posterior.hpp",
      "at_nodes[i] - std::log(grid.width[i])",
      "at_nodes[i]",
      "learner/ranges_test.cpp -- the most probable"),
    M("evidence by visits ignores the number of tasks",
      "learner/evidence_laws.hpp",
      "detail::discounted(mean_visits(n), p[0])",
      "detail::discounted(n.steps, p[0])",
      "learner/odds_test.cpp -- what a nat"),
    M("a bit of a task's memory is priced by all tasks'",
      "learner/simplicity_laws.hpp",
      "std::numbers::ln2 * bits / n.tasks",
      "std::numbers::ln2 * bits",
      "learner/odds_test.cpp -- what K bits"),
    M("bits for nats",
      "learner/simplicity_laws.hpp",
      "return Real(std::numbers::ln2) * exp(p[0] * Real(std::log(bits)));",
      "return exp(p[0] * Real(std::log(bits)));",
      "learner/odds_test.cpp -- what K bits"),
    M("never in place of from the start where evidence levels off",
      "learner/crossover.hpp",
      "return {fit > 0 ? never : from_the_start};",
      "return {never};",
      "learner/odds_test.cpp -- where evidence levels off"),
    M("a tie of complexity is no tie",
      "learner/crossover.hpp",
      "if (fit <= 0 && price >= 0) return {never};",
      "if (fit <= 0 && price > 0) return {never};",
      "learner/odds_test.cpp -- where evidence levels off"),
    M("evidence is for the larger loss",
      "learner/learner.hpp",
      "(account_.loss[b] - account_.loss[a])",
      "(account_.loss[a] - account_.loss[b])",
      "learner/learner_test.cpp -- a learner of three"),
    M("base measures are left out",
      "learner/law.hpp",
      "Real(a.log_mass.empty() ? 0.0 : a.log_mass[q])",
      "Real(0.0)",
      "learner/odds_test.cpp -- log odds gain"),
    M("a schedule's area by its right ends",
      "learner/evidence_laws.hpp",
      "out.forward += 0.5 * (rate + rate_there) * (to - at);",
      "out.forward += rate_there * (to - at);",
      "learner/laws_test.cpp -- areas"),
    # complexity
    M("a compressor's bytes are taken for bits",
      "complexity/description_length.hpp",
      "8.0 * static_cast<double>(compressors[i].size(bytes))",
      "static_cast<double>(compressors[i].size(bytes))",
      "complexity/description_length_test.cpp -- the shortest way"),
    # fit
    M("Bartlett's weights of one more lag",
      "fit/sandwich.hpp",
      "static_cast<double>(k) / static_cast<double>(consecutive)",
      "static_cast<double>(k) / static_cast<double>(consecutive + 1)",
      "fit/uncertainty_test.cpp -- the sandwich"),
    M("sequences' scores over n in place of n - 1",
      "fit/sandwich.hpp",
      "add_product(j, parts[s], parts[s], n / (n - 1))",
      "add_product(j, parts[s], parts[s], 1)",
      "fit/uncertainty_test.cpp -- the sandwich"),
    M("runs' scores over n in place of n - 1",
      "fit/sandwich.hpp",
      "add_product(j, sum, sum, runs / (runs - 1))",
      "add_product(j, sum, sum, 1)",
      "fit/uncertainty_test.cpp -- the sandwich"),
    M("a covariance of losses without one half",
      "fit/observations.hpp",
      "out[q * n + r] = 0.5 * (e.standard_error",
      "out[q * n + r] = (e.standard_error",
      "fit/uncertainty_test.cpp -- the covariance of losses"),
    M("losses are drawn with the wrong deviate",
      "fit/bootstrap.hpp",
      "loss[i] += l[i * n + j] * z[j];",
      "loss[i] += l[i * n + j] * z[i];",
      "fit/uncertainty_test.cpp -- the covariance of losses"),
    M("four fifths are rounded down",
      "fit/cell_roles.hpp",
      "std::ceil(share * static_cast<double>(distinct.size()) - 1e-9)",
      "std::floor(share * static_cast<double>(distinct.size()) + 1e-9)",
      "fit/uncertainty_test.cpp -- fitted are"),
    M("held-out task counts are fitted, too",
      "fit/cell_roles.hpp",
      "(more ? cell_role::held_out_tasks : cell_role::fitted)",
      "cell_role::fitted",
      "fit/uncertainty_test.cpp -- fitted are"),
    M("between two numbers of tasks bits are a straight line",
      "fit/forecast.hpp",
      "between(x.complexity, y.complexity, share, true)",
      "between(x.complexity, y.complexity, share, false)",
      "fit/uncertainty_test.cpp -- D*"),
    # analysis
    M("log_bayes_factor in cells.csv with the other sign",
      "analysis/detail/agree.hpp",
      "(known.loss[1] - known.loss[0])",
      "(known.loss[0] - known.loss[1])",
      "analyze/cells_test.cpp -- urns"),
    M("neither: against the distance of the first two strategies",
      "analysis/detail/distances.hpp",
      "c.unexplained = widest_ > 0 ? best.loss / widest_ : undefined;",
      "c.unexplained = widest_ > 0 ? best.loss / over_sequences(apart_) : undefined;",
      "analyze/cells_test.cpp -- urns"),
    M("a law of all strategies is fitted to held-out task counts before the threshold",
      "analysis/detail/roles.hpp",
      "&& tasks <= by_rule.last_fitted_tasks() ? cell_role::fitted",
      "? cell_role::fitted",
      "analyze/cells_test.cpp -- a law of all"),
    M("masked sequences are those that were kept",
      "analysis/detail/distances.hpp",
      "else ++out.masked;",
      "++out.masked;",
      "analyze/cells_test.cpp -- urns"),
    M("M and G are exchanged in the relative distance",
      "analysis/detail/distances.hpp",
      "relative_distance(entries(apart[0]), entries(apart[1])",
      "relative_distance(entries(apart[1]), entries(apart[0])",
      "analyze/cells_test.cpp -- urns"),
    M("observed losses of masked sequences",
      "analysis/detail/observed_loss.hpp",
      "family.view(sequences, kept[s])",
      "family.view(sequences, s)",
      "analyze/observed_loss_test.cpp"),
    M("a complexity that a recording gives has its program added",
      "analysis/detail/run_losses.hpp",
      "run.programs[q] = 0;",
      "run.programs[q] = from.programs[q];",
      "analyze/open_recording_test.cpp -- complexities that the manifest gives"),
    M("predictions at some positions are scored at the first ones",
      "analysis/detail/observed_loss.hpp",
      "positions.empty() ? t : positions[t]",
      "t",
      "analyze/open_recording_test.cpp -- predictions at some positions"),
    M("the recording's threshold is that of its last run",
      "analysis/detail/roles.hpp",
      "threshold = (std::max)(threshold.value_or(0), *thresholds[i]);",
      "threshold = *thresholds[i];",
      "analyze/cells_test.cpp -- urns"),
    M("scores of ID and OOD are averaged together",
      "analysis/detail/scores.hpp",
      "if (c.split != split || c.role != role) continue;",
      "if (c.role != role) continue;",
      "analyze/cells_test.cpp -- urns"),
    M("two columns of cells.csv are exchanged",
      "analysis/write_csv.hpp",
      '"best_pair_divergence", [](facts f) { return f.cell.pair_loss; }',
      '"best_pair_divergence", [](facts f) { return f.cell.mixing_loss; }',
      "analyze/cells_test.cpp -- urns"),
    M("every process computes what is another one's",
      "processes/in_shares.hpp",
      "for (std::size_t i = rank; i < items.size(); i += processes)",
      "for (std::size_t i = 0; i < items.size(); ++i)",
      "processes/in_shares_test.cpp -- in shares"),
    # explanation
    M("differences of scores have the opposite sign",
      "explanation/score.hpp",
      "held(i, b).id - held(0, b).id",
      "held(0, b).id - held(i, b).id",
      "explanation/score_test.cpp -- scores"),
    M("cross-validation scores the cells that were fitted to",
      "explanation/score.hpp",
      "group_of(c) == left_out; };",
      "group_of(c) != left_out; };",
      "explanation/score_test.cpp -- cross-validation"),
    M("held-out means are over fitted cells",
      "explanation/score.hpp",
      "mean(held_out_of(split::id))",
      "mean(fitted_role_of(split::id))",
      "explanation/score_test.cpp -- scores"),
    M("a law that is worse stands first",
      "explanation/score.hpp",
      "return place(x) < place(y);",
      "return place(y) < place(x);",
      "explanation/score_test.cpp -- a table"),
    M("the opposite base measure over precisions",
      "analysis/detail/remember.hpp",
      "2 * (1 - grid.share[i])",
      "2 * grid.share[i]",
      "analyze/measures_test.cpp"),
    M("the most probable precision is the least probable one",
      "analysis/detail/remember.hpp",
      "std::min_element(minus_log_density.begin(), minus_log_density.end())",
      "std::max_element(minus_log_density.begin(), minus_log_density.end())",
      "analyze/memory_curve_test.cpp -- a density's greatest"),
    # figure
    M("maps in the opposite colours",
      "figure/map.hpp",
      '{colours.of(1), "#F7F7F7", colours.of(0)}',
      '{colours.of(0), "#F7F7F7", colours.of(1)}',
      "figure/analysis_figures_test.cpp -- maps are red"),
    M("steps and tasks change places on maps",
      "figure/map.hpp",
      'out["encoding"]["x"]["field"] = "from_step", out["encoding"]["y"]["field"] = "from_tasks";',
      'out["encoding"]["x"]["field"] = "from_tasks", out["encoding"]["y"]["field"] = "from_step";',
      "figure/analysis_figures_test.cpp -- training goes"),
    M("what memorizing gains with the other sign",
      "figure/tasks.hpp",
      "const double gain = r.known.loss[1] - r.known.loss[0];",
      "const double gain = r.known.loss[0] - r.known.loss[1];",
      "figure/analysis_figures_test.cpp -- what memorizing gains"),
    M("prior odds are added to what is observed of evidence",
      "figure/odds.hpp",
      "std::log(w[0] / w[1]) - c.log_prior_odds",
      "std::log(w[0] / w[1]) + c.log_prior_odds",
      "figure/analysis_figures_test.cpp -- what memorizing gains"),
    M("a mixed colour is dark where it should be light",
      "figure/strategy_map.hpp",
      "std::pow(level / 255.0, 2.2)",
      "std::pow(1 - level / 255.0, 2.2)",
      "figure/analysis_figures_test.cpp -- a mixed colour"),
    M("the switch that was observed, a standard error too early",
      "figure/tasks.hpp",
      "if (r > 0.5 + sure && std::isnan(out.to)) out.to = step;",
      "if (r > 0.5 - sure && std::isnan(out.to)) out.to = step;",
      "figure/analysis_figures_test.cpp -- crossovers"),
    M("a quadratic form's squares count once",
      "universality/detail/quadratic_form.hpp",
      "value /= 2 * static_cast<double>(k);",
      "value /= static_cast<double>(k);",
      "universality/quadratic_form_test.cpp -- one squared Gaussian"),
    M("a ball of twice the divergence",
      "universality/hypothesis_mass.hpp",
      "2 * family.noise_variance() * eps / family.values().input_variance",
      "4 * family.noise_variance() * eps / family.values().input_variance",
      "universality/hypothesis_mass_test.cpp -- the mass about a weight vector"),
    M("an interval of 68 percent for one of 95",
      "interval.hpp",
      "inline constexpr double normal_95 = 1.959963984540054;",
      "inline constexpr double normal_95 = 1;",
      "universality/hypothesis_mass_test.cpp -- finitely many"),
    M("the bound counts only the tasks of the best bin",
      "universality/regret.hpp",
      "within = upto[b];",
      "within = 0;",
      "universality/regret_test.cpp -- the bound over"),
    M("the soft bound forgets the length",
      "universality/regret.hpp",
      "std::log(weight[d]) - n * divergence[d]",
      "std::log(weight[d]) - 0.9 * n * divergence[d]",
      "universality/regret_test.cpp -- expected regret never"),
    M("least squares of no pair",
      "universality/rashomon.hpp",
      "offset[i] = of.along(i, mean) - of.xy[i] / of.value[i];",
      "offset[i] = of.along(i, mean) - of.xy[i];",
      "universality/rashomon_test.cpp -- the ratio of one weight"),
    M("the posterior of a weight leaves its prior out",
      "universality/generalization_difficulty.hpp",
      "of.along(j, before)",
      "0.0",
      "universality/generalization_difficulty_test.cpp -- bits of coins"),
    M("regret against the worst in hindsight",
      "universality/prediction_regret.hpp",
      "*std::min_element(sum.begin(), sum.end())",
      "*std::max_element(sum.begin(), sum.end())",
      "universality/prediction_regret_test.cpp -- losses on what came"),
    M("null series with the memory that detrending left",
      "universality/early_warning.hpp",
      "(above < memory * below ? low : high) = middle;",
      "(middle < memory ? low : high) = middle;",
      "universality/early_warning_test.cpp -- a system that slows down"),
    M("a curve's first point is a turn",
      "universality/turning_points.hpp",
      "if (direction != 0) out.push_back({x[highest], y[highest], true});",
      "out.push_back({x[highest], y[highest], true});",
      "universality/turning_points_test.cpp -- turns are peaks"),
    M("units of both groups are drawn from the first",
      "universality/resampled.hpp",
      "unit = index(rng, group.size());",
      "unit = index(rng, which[0].size()) % group.size();",
      "universality/turning_points_test.cpp -- a gap's peak"),
]


def sources(folder):
    return sorted(p for p in (ROOT / folder).rglob("*") if p.suffix in (".hpp", ".cpp"))


def digest(*parts):
    h = hashlib.sha256()
    for part in parts:
        h.update(part if isinstance(part, bytes) else str(part).encode())
        h.update(b"\0")
    return h.hexdigest()


class Workshop:
    """Compiles test files against some include folder."""

    def __init__(self):
        self.compiler = os.environ.get("CXX", "g++")
        self.main = OUT / "main.o"

    def flags(self):
        text = {"RATIONALE_TEST_DATA": ROOT / "tests/data", "RATIONALE_EXAMPLES": ROOT / "examples", "RATIONALE_INCLUDE": ROOT / "include",
                "RATIONALE_PYTHON": sys.executable, "RATIONALE_ANALYZE": "false"}
        return ["-std=c++20", "-w", "-DRATIONALE_IN_PROCESS", "-I", str(ROOT / "tests"), "-I", str(ROOT / "examples"),
                *(f'-D{name}="{value}"' for name, value in text.items())]

    def compile(self, path, source, include, out):
        level = "-O1" if source.startswith(("kernel/", "prior/remembered", "prior/power_posterior")) else "-O0"  # these tests are long loops
        return subprocess.run(["nice", self.compiler, level, *self.flags(), "-I", str(include), "-c", str(path), "-o", str(out)],
                              capture_output=True, text=True)

    def link(self, obj, out):
        libraries = [f"-l{name}" for name in ("zip", "lzma", "zstd", "brotlienc", "bz2", "pthread")]
        return subprocess.run([self.compiler, str(self.main), str(obj), "-o", str(out), *libraries], capture_output=True, text=True)

    def build_main(self):
        done = self.compile(ROOT / "tests/main.cpp", "main.cpp", ROOT / "include", self.main)
        if done.returncode != 0:
            sys.exit("mutants: tests/main.cpp does not compile\n" + done.stderr)

    def verdict(self, test, include, folder):
        """"passed", "failed" or "does not compile", and what was said."""
        source, _, case = test.partition(" -- ")
        path = ROOT / "tests" / source
        obj, program = folder / (path.stem + ".o"), folder / path.stem
        if case:  # without the file's other test cases, whose templates take most of the compiler's time
            kept = 0

            def keep(found):
                nonlocal kept
                here = found[0].split('"', 1)[1].startswith(case)
                kept += here
                return found[0] if here else ""

            text = re.sub(r"^TEST_CASE(_TEMPLATE)?\(.*?^\}\n", keep, path.read_text(), flags=re.MULTILINE | re.DOTALL)
            if kept != 1:
                return "does not compile", f"there are {kept} test cases that begin with '{case}', must be 1"
            path = folder / path.name
            path.write_text(text)
        for step in (lambda: self.compile(path, source, include, obj), lambda: self.link(obj, program)):
            done = step()
            if done.returncode != 0:
                errors = [line for line in done.stderr.splitlines() if "error" in line or "undefined" in line]
                return "does not compile", errors[0] if errors else done.stderr[:300]
        command = ["nice", str(program), "--abort-after=1", "--no-version", "--no-breaks"]
        limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (TIME_LIMIT, TIME_LIMIT))
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", preexec_fn=limit,
                              env={**os.environ, "RATIONALE_TEST_LONG": "1"})
        said = [line for line in done.stdout.splitlines() if "ERROR" in line or "TEST CASE" in line]
        return ("passed" if done.returncode == 0 else "failed"), (said[-1].strip().rsplit("/", 1)[-1] if said else f"exit code {done.returncode}")


def look(mutant):
    """How often the mutant's text is in its header."""
    path = ROOT / "include/rationale" / mutant.header
    return path.read_text().count(mutant.before) if path.exists() else 0


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", action="append", default=[])
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--list", action="store_true")
    options = options.parse_args()
    chosen = [m for m in MUTANTS if not options.only or any(text in m.name or text in m.header for text in options.only)]
    repairs, survivors, explained, killed = [], [], [], 0
    names = [m.name for m in MUTANTS]
    for name in {n for n in names if names.count(n) > 1}:
        repairs.append(f"two mutants are called {name}")
    ready = []
    for m in chosen:
        found = look(m)
        if found != 1:
            repairs.append(f"'{m.name}': its text is {found} times in include/rationale/{m.header}, must be there once: {m.before.strip()}")
        elif not m.equivalent and not m.tests:
            repairs.append(f"'{m.name}' names no test")
        else:
            ready.append(m)
    if options.list:
        print("\n".join(repairs + [f"{len(ready)} of {len(chosen)} mutants are in place"]))
        return 1 if repairs else 0

    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "verdicts").mkdir(exist_ok=True)
    shop = Workshop()
    shop.build_main()
    headers = digest(*(p.read_bytes() for p in sources("include")), *(p.read_bytes() for p in sources("tests/support")))
    baselines, guard = {}, threading.Lock()

    def verdict_of(key, make):
        kept = OUT / "verdicts" / key
        if kept.exists():
            return kept.read_text().split("\n", 1)
        result, said = make()
        kept.write_text(result + "\n" + said)
        return result, said

    def key_of(test, *more):
        return digest(headers, (ROOT / "tests" / test.partition(" -- ")[0]).read_bytes(), test, *more)

    def baseline(test):
        with guard:
            lock = baselines.setdefault(test, threading.Lock())
        with lock:
            folder = OUT / "baseline" / digest(test)[:12]
            folder.mkdir(parents=True, exist_ok=True)
            return verdict_of(key_of(test), lambda: shop.verdict(test, ROOT / "include", folder))

    def judge(m):
        for test in m.tests:
            result, said = baseline(test)
            if result != "passed":
                return "repair", f"tests/{test} without any mistake: {result}: {said}"
        folder = OUT / ("work-" + digest(m.name)[:12])
        shutil.rmtree(folder, ignore_errors=True)
        include = folder / "include"
        shutil.copytree(ROOT / "include", include)
        path = include / "rationale" / m.header
        path.write_text(path.read_text().replace(m.before, m.after))
        try:
            for test in m.tests:
                result, said = verdict_of(key_of(test, m.header, m.before, m.after), lambda: shop.verdict(test, include, folder))
                if result == "does not compile":
                    return "repair", f"tests/{test}: {said}"
                if result == "failed":
                    return "killed", said
            return "survived", ""
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def run(m):
        start = time.time()
        if m.equivalent:
            return m, "equivalent", m.equivalent, 0
        result, said = judge(m)
        return m, result, said, time.time() - start

    with concurrent.futures.ThreadPoolExecutor(max_workers=options.jobs) as pool:
        for m, result, said, seconds in pool.map(run, ready):
            print(f"{result:10} {seconds:5.0f} s  {m.header}: {m.name}" + (f" [{said}]" if said else ""), flush=True)
            if result == "killed":
                killed += 1
            elif result == "equivalent":
                explained.append(m)
            elif result == "survived":
                survivors.append(f"'{m.name}' in {m.header} is not noticed by {', '.join(m.tests)}")
            else:
                repairs.append(f"'{m.name}': {said}")
    print("\n".join(["", *survivors, *repairs]))
    print(f"{killed} of {len(chosen)} killed, {len(survivors)} survived, {len(explained)} explained, {len(repairs)} to repair")
    return 0 if not survivors and not repairs else 1


if __name__ == "__main__":
    sys.exit(main())
