//! The cache in memory and in a real Redis of its own, whole and failing. Redis cases need
//! `HANOK_TEST_REDIS`, the path of `redis-server`.

mod conformance;
mod faults;
mod rates;
mod server;
