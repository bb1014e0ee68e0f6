// rationale: the rational analysis of in-context learning. Everything that needs only xtensor and xsimd.
#ifndef RATIONALE_RATIONALE_HPP
#define RATIONALE_RATIONALE_HPP

#include "rationale/array.hpp"
#include "rationale/execution.hpp"
#include "rationale/fwd.hpp"
#include "rationale/version.hpp"

#include "rationale/random/philox.hpp"
#include "rationale/random/samplers.hpp"

#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/classification.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/linear_regression.hpp"
#include "rationale/task/markov_chain.hpp"
#include "rationale/task/prediction.hpp"

#include "rationale/prior/dirichlet.hpp"
#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/memory.hpp"
#include "rationale/prior/mixture_of.hpp"
#include "rationale/prior/ngrams.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/prior/seen_tasks.hpp"

#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/bayes_mixture.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/copying.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/strategy/ngrams.hpp"
#include "rationale/strategy/program.hpp"
#include "rationale/strategy/strategies.hpp"
#include "rationale/strategy/strategy.hpp"
#include "rationale/strategy/usual_strategies.hpp"

#include "rationale/complexity/description_length.hpp"

#include "rationale/compare/agreement.hpp"
#include "rationale/compare/context_loss.hpp"
#include "rationale/compare/divergence.hpp"
#include "rationale/compare/mixing_weights.hpp"
#include "rationale/compare/mixture.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/compare/relative_distance.hpp"

#include "rationale/learner/account.hpp"
#include "rationale/learner/any_law.hpp"
#include "rationale/learner/crossover.hpp"
#include "rationale/learner/evidence_laws.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/learner/law.hpp"
#include "rationale/learner/learner.hpp"
#include "rationale/learner/precision_grid.hpp"
#include "rationale/learner/prior_terms.hpp"
#include "rationale/learner/simplicity_laws.hpp"

#include "rationale/fit/fit_law.hpp"
#include "rationale/fit/split.hpp"

#endif
