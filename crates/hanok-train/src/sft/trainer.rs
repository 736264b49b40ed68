//! The loop.

use hanok_models::{Batch, LanguageModel};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::config::{Method, SftConfig};
use super::rows::Row;
use super::save::Saver;
use super::{SftReport, evaluate};
use crate::checkpoint::{Keeper, Progress, resumed};
use crate::optimizer::Optimizer;
use crate::schedule::WarmupCosine;
use crate::{Flow, TrainError, TrainEvent};

pub(super) struct Trainer<'a> {
    model: LanguageModel,
    config: &'a SftConfig,
    rows: Vec<Row>,
    validation: Vec<Row>,
    optimizer: Optimizer,
    schedule: WarmupCosine,
    /// Conversations of a step.
    step_rows: usize,
    /// Tokens that are read at once.
    most_tokens: usize,
    at: Progress,
}

impl<'a> Trainer<'a> {
    pub fn new(
        mut model: LanguageModel,
        config: &'a SftConfig,
        rows: Vec<Row>,
        validation: Vec<Row>,
        most_tokens: usize,
    ) -> Result<Self, TrainError> {
        match config.method {
            Method::Full => model.decoder.set_trained(true),
            Method::Lora => {
                let added = model.decoder.add_lora(&config.lora, config.seed);
                added.map_err(TrainError::model)?;
            }
        }
        let step_rows = config.batch_size * config.gradient_accumulation;
        let steps = rows.len().div_ceil(step_rows) * config.epochs;
        let steps = config.max_steps.map_or(steps, |most| most.min(steps));
        let peak = config.peak_rate(model.decoder.config.hidden_size);
        Ok(Self {
            model,
            config,
            rows,
            validation,
            optimizer: Optimizer::new(config.weight_decay),
            schedule: WarmupCosine::new(peak, config.warmup_ratio, steps),
            step_rows,
            most_tokens,
            at: Progress::default(),
        })
    }

    /// Goes back to the newest checkpoint, if there is one; tells of it.
    pub fn restore(
        &mut self,
        keeper: &mut Keeper<'_>,
        observe: &mut dyn FnMut(&TrainEvent) -> Flow,
    ) -> Result<(), TrainError> {
        let kept = keeper.restore(self.model.decoder.trained(), &mut self.optimizer)?;
        self.at = kept.progress;
        match resumed(self.at.step, kept.broken) {
            Some(event) => self.tell(keeper, observe, &event),
            None => Ok(()),
        }
    }

    pub fn run(
        mut self,
        saver: &Saver<'_>,
        keeper: &mut Keeper<'_>,
        observe: &mut dyn FnMut(&TrainEvent) -> Flow,
    ) -> Result<SftReport, TrainError> {
        let (mut train_loss, mut validation_loss) = (0.0, None);
        for epoch in self.at.epoch.max(1)..=self.config.epochs {
            self.epoch(epoch, keeper, observe)?;
            train_loss = self.at.mean();
            validation_loss = self.validate();
            self.at.judge(validation_loss);
            let last = self.at.step == self.schedule.total;
            if !last {
                self.checkpoint(saver, keeper, validation_loss, observe)?;
            }
            let event = TrainEvent::Epoch {
                epoch,
                epochs: self.config.epochs,
                step: self.at.step,
                train_loss,
                validation_loss,
                validation_accuracy: None,
            };
            self.tell(keeper, observe, &event)?;
            if last {
                break;
            }
        }
        saver.result(&self.model)?;
        Ok(self.report(train_loss, validation_loss))
    }

    /// Takes the steps of an epoch that were not taken yet.
    fn epoch(
        &mut self,
        epoch: usize,
        keeper: &mut Keeper<'_>,
        observe: &mut dyn FnMut(&TrainEvent) -> Flow,
    ) -> Result<(), TrainError> {
        if self.at.epoch != epoch {
            self.at.begin(epoch);
        }
        let order = self.order(epoch);
        for picked in order.chunks(self.step_rows).skip(self.at.taken) {
            if self.at.step == self.schedule.total {
                break;
            }
            let event = self.take_step(picked, epoch)?;
            self.tell(keeper, observe, &event)?;
        }
        Ok(())
    }

    fn report(&mut self, train_loss: f32, validation_loss: Option<f32>) -> SftReport {
        let trained = self.model.decoder.trained();
        SftReport {
            steps: self.at.step,
            tokens: self.at.tokens,
            rows: self.rows.len(),
            skipped: Vec::new(),
            train_loss,
            validation_loss,
            learning_rate: self.schedule.peak,
            trained_parameters: trained.iter().map(|(_, weight)| weight.value.len()).sum(),
        }
    }

    fn tell(
        &mut self,
        keeper: &mut Keeper<'_>,
        observe: &mut dyn FnMut(&TrainEvent) -> Flow,
        event: &TrainEvent,
    ) -> Result<(), TrainError> {
        let weights = self.model.decoder.trained();
        keeper.tell(event, observe, &self.at, &self.optimizer, weights)
    }

    /// The order of rows in an epoch follows from seed and epoch alone.
    fn order(&self, epoch: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(self.config.seed);
        rng.set_stream(epoch as u64);
        order.shuffle(&mut rng);
        order
    }

    fn take_step(&mut self, picked: &[usize], epoch: usize) -> Result<TrainEvent, TrainError> {
        self.at.step += 1;
        self.at.taken += 1;
        let counted = |row: &usize| {
            self.rows[*row]
                .counts
                .iter()
                .skip(1)
                .filter(|c| **c)
                .count()
        };
        let counted: usize = picked.iter().map(counted).sum();
        let (loss, correct) = self.gradients(picked, 1.0 / counted as f32);
        let rate = self.schedule.rate(self.at.step);
        let trained = self.model.decoder.trained();
        let norm = self
            .optimizer
            .step(trained, rate, self.config.max_grad_norm);
        self.at.loss += loss;
        self.at.counted += counted;
        self.at.examples += picked.len();
        let loss = (loss / counted as f64) as f32;
        if !loss.is_finite() || !norm.is_finite() {
            return Err(TrainError::NotFinite {
                step: self.at.step,
                loss,
                learning_rate: self.schedule.peak,
            });
        }
        Ok(TrainEvent::Step {
            step: self.at.step,
            total_steps: self.schedule.total,
            epoch,
            loss,
            learning_rate: rate,
            examples: self.at.examples,
            tokens: Some(self.at.tokens),
            accuracy: Some(correct as f32 / counted as f32),
            gradient_norm: Some(norm),
        })
    }

    /// Adds the gradients of the picked rows; their summed loss and how many tokens were right.
    fn gradients(&mut self, picked: &[usize], weight: f32) -> (f64, usize) {
        let (mut loss, mut correct) = (0.0, 0);
        for batch in batches(&self.rows, picked, self.most_tokens) {
            self.at.tokens += batch.tokens.len();
            for row in self.model.decoder.backward(&batch, weight) {
                loss += f64::from(row.loss);
                correct += usize::from(row.correct);
            }
        }
        (loss, correct)
    }

    fn validate(&self) -> Option<f32> {
        if self.validation.is_empty() {
            return None;
        }
        let (loss, tokens, _) = evaluate::of_rows(&self.model, &self.validation, self.most_tokens);
        Some((loss / tokens.max(1) as f64) as f32)
    }

    fn checkpoint(
        &mut self,
        saver: &Saver<'_>,
        keeper: &mut Keeper<'_>,
        validation_loss: Option<f32>,
        observe: &mut dyn FnMut(&TrainEvent) -> Flow,
    ) -> Result<(), TrainError> {
        let written = saver.checkpoint(&self.model, self.at.step)?;
        let event = TrainEvent::Checkpoint {
            step: self.at.step,
            epoch: self.at.epoch,
            dir: written.0.clone(),
            train_loss: self.at.mean(),
            validation_loss,
        };
        self.tell(keeper, observe, &event)
    }
}

/// The picked rows in batches of at most so many tokens, or of one row.
fn batches(rows: &[Row], picked: &[usize], most: usize) -> Vec<Batch> {
    let mut all: Vec<Batch> = Vec::new();
    for row in picked.iter().map(|index| &rows[*index]) {
        match all.last_mut() {
            Some(batch) if batch.tokens.len() + row.tokens.len() <= most => {
                batch.push(&row.tokens, &row.counts);
            }
            _ => {
                let mut batch = Batch::default();
                batch.push(&row.tokens, &row.counts);
                all.push(batch);
            }
        }
    }
    all
}
