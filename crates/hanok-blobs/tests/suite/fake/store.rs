//! The part of S3 that objects need, in memory.

use std::collections::BTreeMap;

use super::call::{Answer, Call};

/// What the service holds.
#[derive(Default)]
pub struct Store {
    pub bucket_is_gone: bool,
    pub objects: BTreeMap<String, Object>,
    pub uploads: BTreeMap<String, Upload>,
    /// Uploads told on one page of a listing; 0 for all.
    pub page: usize,
    made: usize,
}

pub struct Object {
    pub bytes: Vec<u8>,
    /// As a header tells it.
    pub modified: String,
}

pub struct Upload {
    pub key: String,
    pub begun: String,
    pub parts: BTreeMap<usize, Vec<u8>>,
}

pub const LONG_AGO: &str = "Wed, 01 Jan 2020 00:00:00 GMT";
pub const LATELY: &str = "Fri, 01 Jan 2100 00:00:00 GMT";

impl Store {
    pub fn begin(&mut self, id: &str, key: &str, begun: &str) {
        let upload = Upload {
            key: key.into(),
            begun: begun.into(),
            parts: BTreeMap::new(),
        };
        self.uploads.insert(id.into(), upload);
    }

    pub fn answer(&mut self, call: &Call) -> Answer {
        if call.key.is_empty() {
            return self.answer_bucket(call);
        }
        if self.bucket_is_gone {
            return error(404, "NoSuchBucket", call);
        }
        let upload = call.parameter("uploadId").map(str::to_owned);
        match (call.method.as_str(), upload) {
            ("HEAD" | "GET", _) => self.get(call),
            ("PUT", None) => {
                self.put(&call.key, call.body.clone());
                tagged(&call.body)
            }
            ("PUT", Some(id)) => self.put_part(&id, call),
            ("DELETE", None) => {
                self.objects.remove(&call.key);
                Answer::new(204, "")
            }
            ("DELETE", Some(id)) => match self.uploads.remove(&id) {
                Some(_) => Answer::new(204, ""),
                None => error(404, "NoSuchUpload", call),
            },
            ("POST", None) => {
                self.made += 1;
                let id = format!("upload-{}", self.made);
                self.begin(&id, &call.key, "2100-01-01T00:00:00.000Z");
                let result = "InitiateMultipartUploadResult";
                Answer::new(
                    200,
                    format!("<{result}><UploadId>{id}</UploadId></{result}>"),
                )
            }
            ("POST", Some(id)) => self.complete(&id, call),
            _ => error(501, "NotImplemented", call),
        }
    }

    fn answer_bucket(&mut self, call: &Call) -> Answer {
        match call.method.as_str() {
            "PUT" => {
                self.bucket_is_gone = false;
                Answer::new(200, "")
            }
            _ if self.bucket_is_gone => error(404, "NoSuchBucket", call),
            "HEAD" => Answer::new(200, ""),
            "GET" if call.parameter("uploads").is_some() => self.list_uploads(call),
            "GET" => self.list(),
            _ => error(501, "NotImplemented", call),
        }
    }

    pub fn put(&mut self, key: &str, bytes: Vec<u8>) {
        let modified = LATELY.into();
        self.objects.insert(key.into(), Object { bytes, modified });
    }

    fn get(&self, call: &Call) -> Answer {
        let Some(object) = self.objects.get(&call.key) else {
            return error(404, "NoSuchKey", call);
        };
        let mut answer = tagged(&object.bytes);
        let wanted = call.header("if-match");
        if wanted.is_some_and(|tag| tag != answer.headers[0].1) {
            return error(412, "PreconditionFailed", call);
        }
        answer
            .headers
            .push(("last-modified", object.modified.clone()));
        let all = object.bytes.len();
        let mut range = 0..all;
        if let Some(asked) = call.header("range") {
            let (from, to) = asked
                .strip_prefix("bytes=")
                .unwrap()
                .split_once('-')
                .unwrap();
            range = from.parse().unwrap()..to.parse::<usize>().unwrap() + 1;
            let told = format!("bytes {from}-{to}/{all}");
            answer.headers.push(("content-range", told));
            answer.status = 206;
        }
        answer.body = object.bytes[range].to_vec();
        if call.is("HEAD") {
            answer.length = Some(answer.body.len());
            answer.body.clear();
        }
        answer
    }

    fn put_part(&mut self, id: &str, call: &Call) -> Answer {
        let Some(upload) = self.uploads.get_mut(id) else {
            return error(404, "NoSuchUpload", call);
        };
        let number = call.parameter("partNumber").unwrap().parse().unwrap();
        upload.parts.insert(number, call.body.clone());
        tagged(&call.body)
    }

    fn complete(&mut self, id: &str, call: &Call) -> Answer {
        let Some(upload) = self.uploads.remove(id) else {
            return error(404, "NoSuchUpload", call);
        };
        let parts: Vec<Vec<u8>> = upload.parts.into_values().collect();
        self.put(&upload.key, parts.concat());
        let result = "CompleteMultipartUploadResult";
        Answer::new(200, format!("<{result}><ETag>\"whole\"</ETag></{result}>"))
    }

    fn list_uploads(&self, call: &Call) -> Answer {
        let prefix = call.parameter("prefix").unwrap().replace("%2F", "/");
        let after = call.parameter("upload-id-marker").unwrap_or_default();
        let mut left = self
            .uploads
            .iter()
            .filter(|(id, upload)| upload.key.starts_with(&prefix) && id.as_str() > after);
        let page = if self.page == 0 {
            usize::MAX
        } else {
            self.page
        };
        let mut xml = String::from("<ListMultipartUploadsResult>");
        let mut last = None;
        for (id, Upload { key, begun, .. }) in left.by_ref().take(page) {
            xml.push_str(&format!(
                "<Upload><Key>{key}</Key><UploadId>{id}</UploadId><Initiated>{begun}</Initiated></Upload>"
            ));
            last = Some((key, id));
        }
        if let (Some((key, id)), Some(_)) = (last, left.next()) {
            xml.push_str(&format!(
                "<IsTruncated>true</IsTruncated><NextKeyMarker>{key}</NextKeyMarker>\
                 <NextUploadIdMarker>{id}</NextUploadIdMarker>"
            ));
        }
        Answer::new(200, xml + "</ListMultipartUploadsResult>")
    }

    fn list(&self) -> Answer {
        let mut xml = String::from("<ListBucketResult>");
        for (key, object) in &self.objects {
            let size = object.bytes.len();
            xml.push_str(&format!(
                "<Contents><Key>{key}</Key><Size>{size}</Size>\
                 <LastModified>2020-01-01T00:00:00.000Z</LastModified></Contents>"
            ));
        }
        Answer::new(200, xml + "</ListBucketResult>")
    }
}

/// An answer without a body, with the mark of these bytes.
fn tagged(bytes: &[u8]) -> Answer {
    let sum = bytes.iter().fold(7u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    let mut answer = Answer::new(200, "");
    answer.headers.push(("etag", format!("\"{sum:x}\"")));
    answer
}

fn error(status: u16, word: &str, call: &Call) -> Answer {
    let body = format!("<Error><Code>{word}</Code></Error>");
    let mut answer = Answer::new(status, body);
    if call.is("HEAD") {
        answer.body.clear();
    }
    answer
}
