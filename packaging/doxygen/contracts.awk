# Input filter of doxygen: a member that a contract asks for means the same in every model, so the headers say it once, at the contract.
# Where a header adds nothing of its own, this puts the contract's sentence before the member.
function says(pattern, sentence) { patterns[++n] = pattern; sentences[n] = sentence }
# A function's declaration, not a call: something of a type stands before its name.
function member(name, sentence) { says("^ +[^=.;(]*[ &*]" name "\\(", sentence) }
function constant(name, sentence) { says("^ +(static constexpr|static const) [^(]*[ &*]" name "( =|;|\\{)", sentence) }

BEGIN {
    fold = " A member of the fold: rationale/task/family.hpp."
    # families
    constant("name", "Name in reports and manifests.")
    constant("kind", "What is predicted: a distribution over outcomes, or a mean.")
    constant("prediction_shape", "Axes of a recorded prediction after the checkpoint's, a letter each.")
    constant("fields", "The members, each with its name in files and its shape or whether it must be given: rationale/task/field.hpp.")
    constant("fixed_outcomes", "Number of outcomes where it is known when compiling, else 0." fold)
    constant("reads_by_event", "Whether events read different rows of a component." fold)
    constant("sums_products", "Whether log_likelihood is a sum of products, which may be summed up in float where rounding cannot matter." fold)
    constant("factor_is_row", "Whether a factor is the observation's row of a component." fold)
    says("^ +struct parameters [{]", "The family's parameters, as a manifest has them. The family's constructor validates them.")
    says("^ +struct task_table [{:]", "Tasks, a row each.")
    says("^ +struct sequences [{:]", "Sequences, along the first axis of each array.")
    says("^ +struct sequence_view [{:]", "One sequence: `events()`, and for each event `input(t)` and `observation(t)`.")
    says("^ +(const )?ndarray<double, 2> tasks;", "The tasks, a row each (D first).")
    says("using family_type =", "The family.")
    says("using prior_type =", "The prior.")
    says("using task_table =", "The family's table of tasks.")
    says("^ +explicit [a-z_]+\\((F|family_type) family\\)", "For sequences of this family.")
    member("extent", "Length of the dimension that a letter stands for in shapes, 0 for a letter that the family does not know.")
    member("view", "Sequence s.")
    member("view_of", "A sequence of a span of each of its arrays, in the order of their fields.")
    member("events", "Number of events.")
    member("input", "What is shown at event t before its outcome.")
    member("observation", "Outcome of event t.")
    member("sample", "Draws sequence s: first its task, by `draw`, into `truth`, then its events.")
    member("target", "What an ideal predictor of sequence s would say, or the observed value.")
    # folds
    member("rows", "Packed numbers of a component." fold)
    member("exact_rows", "Numbers of a component that are read in double, packed after the first rows()." fold)
    member("state_rows", "Numbers that each component carries along." fold)
    member("outcomes", "Number of outcomes of a prediction.")
    member("greatest_log_likelihood", "What log_likelihood of a component could be at most." fold)
    member("pack", "Writes component d's numbers to column[0], column[stride], ..." fold)
    member("start", "What all components share before the first event." fold)
    member("begin", "Sets what each component carries along before the first event." fold)
    member("predict", "Emits each outcome's probability, or the mean, given the component." fold)
    member("observe", "Nats of the observation given the component, constants included; updates what it carries along." fold)
    member("consider", "Nats of the input given the component." fold)
    member("factor", "Probability of the observation given the component, or its density up to what all share." fold)
    member("log_likelihood", "Nats of all that was observed, given the component and what is shared." fold)
    member("greatest_gain", "At least the most that a component's log likelihood can gain on another's between two shared states, in nats." fold)
    member("rounding", "By how many nats log_likelihood may be off, where its terms cancel." fold)
    member("complete", "A prediction's outcome k from the components' weighted sum." fold)
    member("arrive", "Updates what is shared with an input, before predicting." fold)
    member("advance", "Updates what is shared with an observation." fold)
    member("on_lanes", "An event's input and what is shared, as numbers on lanes." fold)
    # priors
    constant("strategy_name", "Name of the strategy that is Bayes with this prior.")
    member("size", "How many there are.")
    member("log_weight", "Log prior mass of component d, in nats.")
    member("table", "The tasks that are its components.")
    member("draw", "Draws a task into a row of the table.")
    member("numbers", "The numbers that it must store, as float64, for its description length.")
    # strategies
    member("family", "The family whose sequences it predicts.")
    member("name", "Name in reports.")
    member("predict_sequence", "Predictions of a sequence's events and the log evidence before each: rationale/strategy/strategy.hpp.")
    member("predict_sequences", "The same for many sequences, worked on together.")
    member("log_evidences", "The log evidence of many sequences, without predictions.")
    # laws
    constant("parameters", "The fitted parameters: names, bounds, and where a search starts.")
    constant("formula", "The law as reports write it.")
    constant("weighs_context", "Whether weights depend on the sequence so far.")
    constant("weighs_covariates", "Whether a run's covariates enter.")
    member("formula", "The law as reports write it.")
    member("parameters", "The fitted parameters: names, bounds, and where a search starts.")
    member("values", "The parameters, validated.")
    member("exposure", "What stands before -L in the law: a learner's effective amount of evidence.")
    member("steps", "Training steps with that exposure.")
    member("cost", "Nats that a description of so many bits costs.")
    member("nats", "Nats added to the log prior of strategy q.")
    # divergences and bases
    says("^ +.*[ &*]operator\\(\\)\\(V p, V q\\)", "Contribution of one outcome.")
    says("^ +.*[ &*]operator\\(\\)\\(double", "Its value.")
    says("friend bool operator==", "Equality of all members.")
    member("features", "Number of features.")
}

# What stands between a comment and its declaration waits, so that the sentence comes before it; lines keep their numbers.
/^ *(template <|requires )/ && !/[;{]$/ { waiting = waiting $0 "\n"; next }
{
    said = ""
    if (!documented && !/\/\/\/</ && !/^ *(return|throw|if|for|else|using namespace|\/\/)/)
        for (i = 1; i <= n && said == ""; ++i)
            if ($0 ~ patterns[i]) said = "/** " sentences[i] " */"
    # double a = 0, b = 0; shares its comment.
    if (documented && match($0, /^ +(std::vector<[^>]*>|std::size_t|double|interval|std::string|ndarray<[^>]*>|nlohmann::ordered_json) [a-z_]+( = [^,(]*|\{\})?, [^(]*;$/)) {
        match($0, /^ +[^ ]*(<[^>]*>)? /)
        type = substr($0, 1, RLENGTH)
        sub(/;$/, "", $0)
        parts = split(substr($0, RLENGTH + 1), part, /, /)
        line = type part[1] ";"
        for (i = 2; i <= parts; ++i) line = line " /** " text " */ " type part[i] ";"
        $0 = line
    }
    print said waiting $0
    waiting = ""
    text = /^ *\/\/\// ? (documented ? text " " : "") substr($0, index($0, "///") + 4) : ""
    documented = text != ""
}
