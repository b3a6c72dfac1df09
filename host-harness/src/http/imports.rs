//! Answers the guest's calls of the `http` import.

use super::{Exchange, Kept};
use crate::bindings::http::{Allowance, Failure, Head, Host, HostExchange, HostSecret, Request};
use crate::outcome::Unlawful;
use crate::run::RunState;
use wasmtime::Result;
use wasmtime::component::Resource;

impl Host for RunState {
    fn send(&mut self, request: Request) -> Result<Resource<Exchange>> {
        self.watch.call("http.send");
        if self.told {
            let message = "the connector starts a request after it was told to stop".into();
            return Err(Unlawful { law: "stop", message }.into());
        }
        let exchange = self.http.send(request, &self.table)?;
        Ok(self.table.push(exchange)?)
    }

    async fn ready(&mut self, exchanges: Vec<Resource<Exchange>>) -> Result<u32> {
        self.watch.call("http.ready");
        self.http.bound_list(exchanges.len())?;
        let under_way = exchanges.iter().map(|exchange| Ok(self.table.get(exchange)?.0.clone()));
        let under_way = under_way.collect::<Result<Vec<_>>>()?;
        let index = self.http.ready(&under_way).await;
        if let Some(exchange) = exchanges.get(index) {
            self.table.get_mut(exchange)?.0.named = self.http.next_named();
        }
        Ok(index as u32)
    }

    fn pace(&mut self, lane: String, allowance: Allowance) -> Result<()> {
        self.watch.call("http.pace");
        Ok(self.http.pace(&lane, allowance)?)
    }
}

impl RunState {
    /// Notes when an answer is what tells the guest to stop.
    fn tell<T>(&mut self, answer: std::result::Result<T, Failure>) -> std::result::Result<T, Failure> {
        self.told |= answer.is_err() && self.stop.reason().is_some();
        answer
    }
}

impl HostExchange for RunState {
    async fn head(&mut self, exchange: Resource<Exchange>) -> Result<std::result::Result<Head, Failure>> {
        self.watch.call("http.head");
        let under_way = self.table.get(&exchange)?.0.clone();
        let head = self.http.wait(&under_way, |buffer| buffer.take_head()).await;
        Ok(self.tell(head))
    }

    async fn read(&mut self, exchange: Resource<Exchange>, max: u32) -> Result<std::result::Result<Vec<u8>, Failure>> {
        self.watch.call("http.read");
        let under_way = self.table.get(&exchange)?.0.clone();
        let read = self.http.wait(&under_way, |buffer| buffer.take_piece(max as usize)).await;
        Ok(self.tell(read).map(|piece| {
            self.http.count_read(piece.len());
            piece.to_vec()
        }))
    }

    async fn keep(&mut self, exchange: Resource<Exchange>) -> Result<std::result::Result<Resource<Kept>, Failure>> {
        self.watch.call("http.keep");
        let under_way = self.table.get(&exchange)?.0.clone();
        let kept = self.http.keep(&under_way).await;
        match self.tell(kept) {
            Ok(kept) => {
                self.http.hold_kept()?;
                Ok(Ok(self.table.push(kept)?))
            }
            Err(failure) => Ok(Err(failure)),
        }
    }

    fn drop(&mut self, exchange: Resource<Exchange>) -> Result<()> {
        self.table.delete(exchange)?;
        self.http.dropped();
        Ok(())
    }
}

impl HostSecret for RunState {
    fn drop(&mut self, kept: Resource<Kept>) -> Result<()> {
        self.table.delete(kept)?;
        self.http.dropped_kept();
        Ok(())
    }
}
