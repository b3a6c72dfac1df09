//! Answers the guest's calls of the `http` import.

use super::{Exchange, Kept};
use crate::bindings::http::{Allowance, Failure, Head, Host, HostExchange, HostSecret, Request};
use crate::run::RunState;
use wasmtime::Result;
use wasmtime::component::Resource;

impl Host for RunState {
    fn send(&mut self, _request: Request) -> Result<Resource<Exchange>> {
        Ok(self.table.push(Exchange)?)
    }

    async fn ready(&mut self, _exchanges: Vec<Resource<Exchange>>) -> Result<u32> {
        Ok(0)
    }

    fn pace(&mut self, _lane: String, _allowance: Allowance) -> Result<()> {
        Ok(())
    }
}

impl HostExchange for RunState {
    async fn head(&mut self, _exchange: Resource<Exchange>) -> Result<std::result::Result<Head, Failure>> {
        wasmtime::bail!("not yet")
    }

    async fn read(
        &mut self,
        _exchange: Resource<Exchange>,
        _max: u32,
    ) -> Result<std::result::Result<Vec<u8>, Failure>> {
        wasmtime::bail!("not yet")
    }

    async fn keep(&mut self, _exchange: Resource<Exchange>) -> Result<std::result::Result<Resource<Kept>, Failure>> {
        wasmtime::bail!("not yet")
    }

    fn drop(&mut self, exchange: Resource<Exchange>) -> Result<()> {
        self.table.delete(exchange)?;
        Ok(())
    }
}

impl HostSecret for RunState {
    fn drop(&mut self, kept: Resource<Kept>) -> Result<()> {
        self.table.delete(kept)?;
        Ok(())
    }
}
