//! The hyper-parameters of a run: name, range, meaning in one table, for the check and for the form.

/// One hyper-parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its key.
    pub name: &'static str,
    /// Smallest value.
    pub least: f64,
    /// Largest value.
    pub most: f64,
    /// Whether it is a whole number.
    pub whole: bool,
    /// One sentence.
    pub help: &'static str,
}

/// What may stand in `params` of a run that tunes a head.
pub const PARAMS: &[Param] = &[
    Param {
        name: "epochs",
        least: 1.0,
        most: 200.0,
        whole: true,
        help: "Passes over the training rows; by default chosen by the number of rows.",
    },
    Param {
        name: "batch_size",
        least: 1.0,
        most: 4096.0,
        whole: true,
        help: "Rows in one step.",
    },
    Param {
        name: "learning_rate",
        least: 1e-6,
        most: 10.0,
        whole: false,
        help: "Step size at the height of its schedule.",
    },
    Param {
        name: "l2",
        least: 0.0,
        most: 10.0,
        whole: false,
        help: "Weight of the pull towards zero.",
    },
    Param {
        name: "seed",
        least: 0.0,
        most: 9_007_199_254_740_991.0,
        whole: true,
        help: "Seed of every random choice; the same seed gives the same bits.",
    },
];

/// What may stand in `params` of a run that tunes a language model or a BERT-family encoder.
pub const DEEP_PARAMS: &[Param] = &[
    Param {
        name: "checkpoint_steps",
        least: 1.0,
        most: 1e7,
        whole: true,
        help: "Write a checkpoint after so many steps; else one a minute.",
    },
    Param {
        name: "keep_checkpoints",
        least: 1.0,
        most: 100.0,
        whole: true,
        help: "Checkpoints that stay while it runs, beside the best.",
    },
    Param {
        name: "epochs",
        least: 1.0,
        most: 100.0,
        whole: true,
        help: "Passes over the training rows.",
    },
    Param {
        name: "max_steps",
        least: 1.0,
        most: 1e7,
        whole: true,
        help: "Stop after so many steps.",
    },
    Param {
        name: "batch_size",
        least: 1.0,
        most: 256.0,
        whole: true,
        help: "Rows in one step.",
    },
    Param {
        name: "gradient_accumulation",
        least: 1.0,
        most: 256.0,
        whole: true,
        help: "Batches that make one step.",
    },
    Param {
        name: "learning_rate",
        least: 1e-7,
        most: 1.0,
        whole: false,
        help: "Step size at the height of its schedule.",
    },
    Param {
        name: "warmup_ratio",
        least: 0.0,
        most: 0.5,
        whole: false,
        help: "Share of the steps in which the step size rises.",
    },
    Param {
        name: "weight_decay",
        least: 0.0,
        most: 1.0,
        whole: false,
        help: "Pull towards zero.",
    },
    Param {
        name: "max_grad_norm",
        least: 1e-3,
        most: 1e3,
        whole: false,
        help: "Longer gradients are shortened to this.",
    },
    Param {
        name: "max_length",
        least: 8.0,
        most: 1_048_576.0,
        whole: true,
        help: "Tokens of a row; longer ones are counted and skipped.",
    },
    Param {
        name: "learning_rate_multiplier",
        least: 1e-3,
        most: 100.0,
        whole: false,
        help: "Factor on the learning rate that is chosen when none is set.",
    },
    Param {
        name: "seed",
        least: 0.0,
        most: 9_007_199_254_740_991.0,
        whole: true,
        help: "Seed of every random choice.",
    },
];

/// What may stand in `params.lora`.
pub(super) const LORA_PARAMS: &[Param] = &[
    Param {
        name: "rank",
        least: 1.0,
        most: 256.0,
        whole: true,
        help: "Rank of the update.",
    },
    Param {
        name: "alpha",
        least: 0.1,
        most: 1024.0,
        whole: false,
        help: "Its scale is alpha / rank.",
    },
];
