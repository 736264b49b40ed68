//! Text is generated: pieces come over a bounded channel while the worker writes. Whoever drops the
//! receiving end cancels the generation; the usage row is written either way.

use hanok_domain::fault::Fault;
use hanok_domain::id;
use hanok_protocol::inference::{Generate, Generated, Piece, Prompt, Sampling};
use hanok_protocol::model::ModelKind;
use tokio::sync::mpsc;

use super::meter::{CLIENT_GONE, Meter};
use super::pieces::Pieces;
use super::{LONGEST, PATIENCE, Route};
use crate::access::Caller;
use crate::studio::Studio;

/// Pieces that wait for a slow reader.
const WAITING: usize = 64;

/// What to generate.
#[derive(Debug, Clone)]
pub struct GenerationRequest {
    /// Name or id of a model that answers.
    pub model: String,
    /// What to begin with.
    pub prompt: Prompt,
    /// How.
    pub sampling: Sampling,
    /// How many answers.
    pub choices: u32,
    /// Over which surface.
    pub route: Route,
    /// The request's id.
    pub request_id: String,
}

/// Some more of one of the answers.
#[derive(Debug, Clone, PartialEq)]
pub enum ChoicePiece {
    /// Text.
    Text {
        /// Which answer, from 0.
        choice: u32,
        /// What was added to it.
        text: String,
    },
    /// One answer is whole.
    Finished {
        /// Which, from 0.
        choice: u32,
        /// `stop` or `length`.
        reason: String,
    },
    /// All are whole, and metered.
    Done(Totals),
    /// It could not be brought to its end.
    Failed(Fault),
}

/// Tokens of a whole request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Tokens read.
    pub prompt_tokens: u64,
    /// Tokens written, of all answers.
    pub completion_tokens: u64,
}

/// Answers on their way.
#[derive(Debug)]
pub struct Generation {
    /// Id of the answer.
    pub id: String,
    /// The model's name.
    pub model: String,
    first: Option<ChoicePiece>,
    rest: mpsc::Receiver<ChoicePiece>,
}

impl Generation {
    /// The next piece; nothing after `Done` or `Failed`.
    pub async fn next(&mut self) -> Option<ChoicePiece> {
        match self.first.take() {
            Some(first) => Some(first),
            None => self.rest.recv().await,
        }
    }
}

impl Studio {
    /// Begins to generate. What is wrong before the first piece of text is an error here, so that a
    /// surface can still answer with a status.
    pub async fn generate(
        &self,
        caller: &Caller,
        request: GenerationRequest,
    ) -> Result<Generation, Fault> {
        let (name, model) = self.callable(caller, &request.model).await?;
        if model.kind != ModelKind::Decoder {
            let text = format!("'{name}' writes no text: it is a {}.", model.kind.as_str());
            return Err(Fault::invalid("not_a_decoder", text).field("model"));
        }
        let meter = self
            .meter(caller, &name, request.route, request.request_id)
            .await?;
        let message = Generate {
            project: self.project_access(&caller.project_id).await?,
            model,
            prompt: request.prompt,
            sampling: request.sampling,
        };
        let (send, mut rest) = mpsc::channel(WAITING);
        let work = Work {
            studio: self.clone(),
            send,
            totals: Totals::default(),
            meter,
        };
        tokio::spawn(work.run(message, request.choices));
        match rest.recv().await {
            Some(ChoicePiece::Failed(fault)) => Err(fault),
            Some(first) => Ok(Generation {
                id: id::new("ans"),
                model: name,
                first: Some(first),
                rest,
            }),
            None => Err(Fault::internal("a generation ended without a word")),
        }
    }

    /// Whether the model of this name writes text; a chat with a classifier is a classification.
    pub async fn writes_text(&self, caller: &Caller, name: &str) -> Result<bool, Fault> {
        let (_, model) = self.callable(caller, name).await?;
        Ok(model.kind == ModelKind::Decoder)
    }
}

/// One request at work.
struct Work {
    studio: Studio,
    send: mpsc::Sender<ChoicePiece>,
    totals: Totals,
    meter: Meter,
}

/// Why a generation did not come to its end.
enum Cut {
    /// The client went away.
    Gone,
    /// The worker could not.
    Failed(Fault),
}

impl Work {
    async fn run(mut self, message: Generate, choices: u32) {
        let mut cut = None;
        for choice in 0..choices {
            let mut message = message.clone();
            // The same seed would give the same answer each time.
            message.sampling.seed = message.sampling.seed.map(|s| s.wrapping_add(choice.into()));
            if let Err(why) = self.one(choice, &message).await {
                self.note_cut(&message, &why).await;
                cut = Some(why);
                break;
            }
        }
        let status = match &cut {
            None => 200,
            Some(Cut::Gone) => CLIENT_GONE,
            // Told by the surface as the status that fits; the row only needs to say that it failed.
            Some(Cut::Failed(_)) => 502,
        };
        let totals = self.totals;
        let served = status != 502 || totals != Totals::default() || self.meter.is_told();
        if served {
            let metered = self.meter.end(
                &self.studio,
                totals.prompt_tokens,
                totals.completion_tokens,
                status,
            );
            if let Err(fault) = metered.await {
                tracing::error!(%fault, "a generation was not metered");
                let _ = self.send.send(ChoicePiece::Failed(fault)).await;
                return;
            }
        }
        let last = match cut {
            None => ChoicePiece::Done(totals),
            Some(Cut::Failed(fault)) => ChoicePiece::Failed(fault),
            Some(Cut::Gone) => return,
        };
        // Nobody listens any more: it is metered, which is all that was left to do.
        let _ = self.send.send(last).await;
    }

    async fn one(&mut self, choice: u32, message: &Generate) -> Result<(), Cut> {
        let hosts = self.studio.hosts();
        let opened = tokio::select! {
            opened = hosts.open("/v1/generate", message, PATIENCE, LONGEST) => opened,
            () = self.send.closed() => return Err(Cut::Gone),
        };
        let mut pieces = Pieces::new(opened.map_err(Cut::Failed)?);
        let mut written = 0;
        loop {
            let next = tokio::select! {
                next = pieces.next() => next,
                () = self.send.closed() => Err(Fault::internal("nobody listens")),
            };
            if self.send.is_closed() {
                // What the worker counted is lost with the connection: a piece is a token or more.
                self.totals.completion_tokens += written;
                return Err(Cut::Gone);
            }
            match next.map_err(Cut::Failed)? {
                Piece::Begun(tokens) => {
                    let known = self.totals.prompt_tokens;
                    self.totals.prompt_tokens = known.max(tokens);
                    self.advance(0).await?;
                }
                Piece::Text(text) => {
                    written += 1;
                    self.advance(written).await?;
                    self.tell(ChoicePiece::Text { choice, text }).await?;
                }
                Piece::Done(end) => return self.finish(choice, end).await,
                Piece::Error(fault) => {
                    self.totals.completion_tokens += written;
                    return Err(Cut::Failed(fault));
                }
            }
        }
    }

    /// Notes how far this is; `written` is what the answer under way has so far.
    async fn advance(&mut self, written: u64) -> Result<(), Cut> {
        let Totals {
            prompt_tokens,
            completion_tokens,
        } = self.totals;
        let noted = self
            .meter
            .advance(&self.studio, prompt_tokens, completion_tokens + written);
        noted.await.map_err(Cut::Failed)
    }

    async fn note_cut(&self, message: &Generate, why: &Cut) {
        if let Cut::Failed(fault) = why {
            let (project, model) = (&message.project.id, &message.model.id);
            self.studio.note_damage(project, model, fault).await;
        }
    }

    async fn finish(&mut self, choice: u32, end: Generated) -> Result<(), Cut> {
        // Every answer reads the same prompt; it is counted once, as OpenAI does.
        self.totals.prompt_tokens = self.totals.prompt_tokens.max(end.prompt_tokens);
        self.totals.completion_tokens += end.completion_tokens;
        let reason = end.finish_reason;
        self.tell(ChoicePiece::Finished { choice, reason }).await
    }

    async fn tell(&self, piece: ChoicePiece) -> Result<(), Cut> {
        self.send.send(piece).await.map_err(|_| Cut::Gone)
    }
}
