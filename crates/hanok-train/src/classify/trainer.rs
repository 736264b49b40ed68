//! The loop.

use hanok_models::EncoderModel;
use hanok_nn::{Buffer, RowLoss};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::config::{ClassifyConfig, Method};
use super::rows::{Row, batches, encode, mean};
use super::{ClassifyReport, LabelledText};
use crate::checkpoint::{Keeper, Progress, resumed};
use crate::optimizer::Optimizer;
use crate::schedule::WarmupCosine;
use crate::{Flow, TrainError, TrainEvent};

pub(super) struct Trainer<'a> {
    pub model: EncoderModel,
    config: &'a ClassifyConfig,
    rows: Vec<Row>,
    validation: Vec<Row>,
    truncated: usize,
    /// Tokens that are read at once.
    most_tokens: usize,
    /// First tokens' vectors of all rows, `[rows, hidden]`, when the blocks stay as they are.
    first: Option<Buffer>,
    optimizer: Optimizer,
    schedule: WarmupCosine,
    at: Progress,
}

impl<'a> Trainer<'a> {
    pub fn new(
        mut model: EncoderModel,
        config: &'a ClassifyConfig,
        rows: &[LabelledText],
        validation: &[LabelledText],
        most_tokens: usize,
    ) -> Result<Self, TrainError> {
        let (rows, truncated) = encode(&model, rows, config)?;
        let (validation, _) = encode(&model, validation, config)?;
        let bert = &mut model.bert;
        match config.method {
            Method::Full => bert.set_trained(true),
            Method::Lora => bert
                .add_lora(&config.lora, config.seed)
                .map_err(TrainError::model)?,
            Method::Head => bert.set_head_trained(true),
        }
        let steps = rows.len().div_ceil(config.batch_size) * config.epochs;
        let steps = config.max_steps.map_or(steps, |most| most.min(steps));
        Ok(Self {
            model,
            config,
            rows,
            validation,
            truncated,
            most_tokens,
            first: None,
            optimizer: Optimizer::new(config.weight_decay),
            schedule: WarmupCosine::new(config.peak_rate(), config.warmup_ratio, steps),
            at: Progress::default(),
        })
    }

    /// Goes back to the newest checkpoint, if there is one; tells of it.
    pub fn restore(
        &mut self,
        keeper: &mut Keeper<'_>,
        observe: &mut dyn FnMut(&TrainEvent) -> Flow,
    ) -> Result<(), TrainError> {
        let kept = keeper.restore(self.model.bert.trained(), &mut self.optimizer)?;
        self.at = kept.progress;
        match resumed(self.at.step, kept.broken) {
            Some(event) => self.tell(keeper, observe, &event),
            None => Ok(()),
        }
    }

    /// What a checkpoint belongs to beside the settings: the rows as the model reads them.
    pub fn tokens(&self) -> impl Iterator<Item = &[u32]> {
        self.rows
            .iter()
            .flat_map(|row| [row.tokens.as_slice(), std::slice::from_ref(&row.class)])
    }

    pub fn run(
        &mut self,
        keeper: &mut Keeper<'_>,
        observe: &mut dyn FnMut(&TrainEvent) -> Flow,
    ) -> Result<ClassifyReport, TrainError> {
        if self.config.method == Method::Head {
            self.read_once(keeper, observe)?;
        }
        let (mut train_loss, mut judged) = (0.0, None);
        for epoch in self.at.epoch.max(1)..=self.config.epochs {
            self.epoch(epoch, keeper, observe)?;
            train_loss = self.at.mean();
            judged = self.validate()?;
            self.at.judge(judged.map(|(loss, _)| loss));
            let event = TrainEvent::Epoch {
                epoch,
                epochs: self.config.epochs,
                step: self.at.step,
                train_loss,
                validation_loss: judged.map(|(loss, _)| loss),
                validation_accuracy: judged.map(|(_, accuracy)| accuracy),
            };
            self.tell(keeper, observe, &event)?;
            if self.at.step == self.schedule.total {
                break;
            }
        }
        let trained = self.model.bert.trained();
        Ok(ClassifyReport {
            trained_parameters: trained.iter().map(|(_, weight)| weight.value.len()).sum(),
            steps: self.at.step,
            rows: self.rows.len(),
            truncated: self.truncated,
            train_loss,
            validation_loss: judged.map(|(loss, _)| loss),
            validation_accuracy: judged.map(|(_, accuracy)| accuracy),
            learning_rate: self.schedule.peak,
        })
    }

    /// Takes the steps of an epoch that were not taken yet, in an order that follows from seed and epoch
    /// alone.
    fn epoch(
        &mut self,
        epoch: usize,
        keeper: &mut Keeper<'_>,
        observe: &mut dyn FnMut(&TrainEvent) -> Flow,
    ) -> Result<(), TrainError> {
        if self.at.epoch != epoch {
            self.at.begin(epoch);
        }
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(self.config.seed);
        rng.set_stream(epoch as u64);
        order.shuffle(&mut rng);
        for picked in order.chunks(self.config.batch_size).skip(self.at.taken) {
            if self.at.step == self.schedule.total {
                break;
            }
            let event = self.take_step(picked, epoch)?;
            self.tell(keeper, observe, &event)?;
        }
        Ok(())
    }

    fn tell(
        &mut self,
        keeper: &mut Keeper<'_>,
        observe: &mut dyn FnMut(&TrainEvent) -> Flow,
        event: &TrainEvent,
    ) -> Result<(), TrainError> {
        let weights = self.model.bert.trained();
        keeper.tell(event, observe, &self.at, &self.optimizer, weights)
    }

    fn take_step(&mut self, picked: &[usize], epoch: usize) -> Result<TrainEvent, TrainError> {
        self.at.step += 1;
        self.at.taken += 1;
        self.at.examples += picked.len();
        let weight = 1.0 / picked.len() as f32;
        let losses = self.gradients(picked, weight)?;
        let rate = self.schedule.rate(self.at.step);
        let most = self.config.max_grad_norm;
        let norm = self.optimizer.step(self.model.bert.trained(), rate, most);
        let (loss, accuracy) = mean(&losses);
        self.at.loss += f64::from(loss) * picked.len() as f64;
        self.at.counted += picked.len();
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
            tokens: None,
            accuracy: Some(accuracy),
            gradient_norm: Some(norm),
        })
    }

    /// Adds the gradients of the picked rows.
    fn gradients(&mut self, picked: &[usize], weight: f32) -> Result<Vec<RowLoss>, TrainError> {
        let bert = &mut self.model.bert;
        if let Some(first) = &self.first {
            let width = bert.config.hidden_size;
            let rows = picked.iter().flat_map(|row| &first[row * width..][..width]);
            let rows: Vec<f32> = rows.copied().collect();
            let classes: Vec<u32> = picked.iter().map(|row| self.rows[*row].class).collect();
            let judged = bert.head_backward(&rows, &classes, weight);
            return judged.map_err(TrainError::model);
        }
        let mut losses = Vec::new();
        let rows = picked.iter().map(|row| &self.rows[*row]);
        for (texts, classes) in batches(rows, self.most_tokens) {
            let judged = bert.backward(&texts, &classes, weight);
            losses.extend(judged.map_err(TrainError::model)?);
        }
        Ok(losses)
    }

    /// Reads every text through the frozen blocks, for good.
    fn read_once(
        &mut self,
        keeper: &mut Keeper<'_>,
        observe: &mut dyn FnMut(&TrainEvent) -> Flow,
    ) -> Result<(), TrainError> {
        let width = self.model.bert.config.hidden_size;
        let mut first = Buffer::scratch(self.rows.len() * width);
        let mut rows = first.chunks_exact_mut(width);
        let mut done = 0;
        for (texts, _) in batches(self.rows.iter(), self.most_tokens) {
            let x = self.model.bert.hidden(&texts);
            for (sequence, out) in texts.sequences.iter().zip(&mut rows) {
                out.copy_from_slice(&x[sequence.start * width..][..width]);
            }
            done += texts.sequences.len();
            let event = TrainEvent::Read {
                rows: done,
                of: self.rows.len(),
            };
            self.tell(keeper, observe, &event)?;
        }
        self.first = Some(first);
        Ok(())
    }

    fn validate(&self) -> Result<Option<(f32, f32)>, TrainError> {
        if self.validation.is_empty() {
            return Ok(None);
        }
        let mut losses = Vec::new();
        for (texts, classes) in batches(self.validation.iter(), self.most_tokens) {
            let judged = self.model.bert.evaluate(&texts, &classes);
            losses.extend(judged.map_err(TrainError::model)?);
        }
        Ok(Some(mean(&losses)))
    }
}
