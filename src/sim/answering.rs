//! A request comes in, is routed, meets its faults and its quota, is checked, is carried out.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Map, Value};

use crate::answer::{Outcome, Refusal, error_response, json_response, refusal_response, response};
use crate::call::{Call, Draft};
use crate::check::{self, Parts};
use crate::contract::{Contract, Operation, Route, contract, read_query, targeted};
use crate::control;
use crate::faults::{Fault, FaultKind};
use crate::identity;
use crate::operations::{Handler, handler};
use crate::sim::{ConnectionDropped, Sim, unwritten};
use crate::store::Store;
use crate::world::World;

impl Sim {
    /// Answers one request, on the API's paths or on `/_sim/`.
    ///
    /// # Errors
    ///
    /// `ConnectionDropped` where a fault closes the connection without an answer.
    pub async fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ConnectionDropped> {
        let path = request.uri().path();
        let mut response = if path == "/_sim" || path.starts_with("/_sim/") {
            control::answer(self, &request)
        } else if identity::is_asked(&request) {
            identity::answer(&self.request_id())
        } else {
            self.answer(&request).await?
        };
        if let Ok(id) = HeaderValue::from_str(&self.request_id()) {
            response.headers_mut().insert("x-amzn-requestid", id);
        }
        Ok(response)
    }

    async fn answer(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, ConnectionDropped> {
        let (method, path) = (request.method().as_str(), request.uri().path());
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
        let (contract, route) = match target.and_then(targeted) {
            Some((contract, name)) => (contract, contract.named(name)),
            None => (contract(), contract().route(method, path)),
        };
        let (operation, values) = match route {
            Route::Here(operation, values) => (operation, values),
            Route::Elsewhere(name) => {
                let message =
                    format!("The practice contact center does not carry out {name}. Connect itself does.");
                return Ok(error_response(StatusCode::NOT_IMPLEMENTED, "NotImplementedException", &message));
            }
            Route::Nowhere => {
                let message = format!("Amazon Connect has no operation {method} {path}.");
                return Ok(error_response(StatusCode::NOT_FOUND, "UnknownOperationException", &message));
            }
        };
        let met = {
            let mut desk = self.desk();
            desk.calls.of(&operation.name).calls += 1;
            desk.faults.meet(&operation.name)
        };
        if met.delay > Duration::ZERO {
            self.clock().sleep(met.delay).await;
        }
        let kind = met.fault.as_ref().map(|fault| fault.fault);
        if kind == Some(FaultKind::DropBefore) {
            return Err(ConnectionDropped);
        }
        if let Some(fault) = met.fault.as_ref().filter(|fault| fault.fault == FaultKind::FailBefore) {
            return Ok(failed(contract, operation, fault));
        }
        if let Some(fault) = met.fault.as_ref().filter(|fault| fault.fault == FaultKind::SayBefore) {
            return Ok(said(fault));
        }
        if kind == Some(FaultKind::Throttle) || !self.desk().limiter.allows(&operation.name) {
            self.desk().calls.of(&operation.name).throttled += 1;
            return Ok(refused(contract, operation, Refusal::throttled()));
        }
        let query = read_query(request.uri().query().unwrap_or_default());
        let parts = Parts { path: &values, query: &query, headers: request.headers(), body: request.body() };
        let outcome =
            check::read(contract, operation, &parts).and_then(|input| self.carry_out(operation, input));
        match (kind, &met.fault) {
            (Some(FaultKind::DropAfter), _) => Err(ConnectionDropped),
            (Some(FaultKind::FailAfter), Some(fault)) => Ok(failed(contract, operation, fault)),
            (Some(FaultKind::SayAfter), Some(fault)) => Ok(said(fault)),
            (Some(FaultKind::CutAfter), _) => Ok(shown(contract, operation, outcome).map(|body| {
                let half = body.len() / 2;
                body.slice(..half)
            })),
            _ => Ok(shown(contract, operation, outcome)),
        }
    }

    fn carry_out(&self, operation: &'static Operation, input: Map<String, Value>) -> Outcome {
        let instance = input.get("InstanceId").and_then(Value::as_str);
        if instance.is_some_and(|instance| !self.names().is_this_instance(instance)) {
            return Err(Refusal::not_found("There is no instance with this id."));
        }
        let call = Call { operation, input, now_ms: self.now_ms(), rules: self.desk().rules };
        match handler(&operation.name) {
            Some(Handler::Read(read)) => self.read(Store::seen, |world| read(world, &call)),
            Some(Handler::Search(search)) => self.read(Store::searched, |world| search(world, &call)),
            Some(Handler::Write(write)) => self.write(operation, |draft| write(draft, &call)),
            None => Err(Refusal::internal("No handler is registered for this operation.")),
        }
    }

    fn read(&self, view: fn(&Store) -> &World, by: impl FnOnce(&World) -> Outcome) -> Outcome {
        let now_ms = self.now_ms();
        if self.store().is_behind(now_ms) {
            self.store_mut().catch_up(now_ms);
        }
        by(view(&self.store()))
    }

    /// Carries out a write on the truth. What it drafts is in the file before it is true, and true before it is answered.
    fn write(&self, operation: &'static Operation, by: impl FnOnce(&mut Draft<'_>) -> Outcome) -> Outcome {
        let rules = self.desk().rules;
        let mut store = self.store_mut();
        let now_ms = self.now_ms();
        store.forget_removed_before(now_ms.saturating_sub(rules.name_lingers_ms));
        let mut draft = Draft { world: store.truth(), now_ms, rules, ids: store.ids, changes: Vec::new() };
        let output = by(&mut draft)?;
        let (ids, changes) = (draft.ids, draft.changes);
        store.commit(now_ms, ids, changes).map_err(unwritten)?;
        self.desk().calls.of(&operation.name).writes += 1;
        Ok(output)
    }
}

fn failed(contract: &Contract, operation: &Operation, fault: &Fault) -> Response<Bytes> {
    let code = fault.error.as_deref().unwrap_or_else(|| called(operation, "InternalServiceException"));
    let status = fault.status.unwrap_or_else(|| contract.status(code));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    error_response(status, code, "This fault was ordered.")
}

fn said(fault: &Fault) -> Response<Bytes> {
    response(StatusCode::OK, Bytes::from(fault.body.clone().unwrap_or_default()))
}

/// What the operation calls an error, where it does not declare the first name of it: some operations of Connect lack one,
/// and the other services have names of their own.
fn called(operation: &Operation, code: &'static str) -> &'static str {
    let names: &[&str] = match code {
        "InvalidParameterException" | "DuplicateResourceException" | "LimitExceededException" => &[
            code,
            "InvalidParameterException",
            "InvalidRequestException",
            "IllegalArgumentException",
            "ValidationException",
        ],
        "InvalidRequestException" => {
            &[code, "InvalidParameterException", "IllegalArgumentException", "ValidationException"]
        }
        "ResourceNotFoundException" => &[code, "NoSuchResourceException"],
        "ThrottlingException" => &[code, "TooManyRequestsException"],
        "InternalServiceException" => &[code, "ServiceException"],
        _ => &[code],
    };
    let declared = names.iter().find(|name| operation.declares(name));
    match code {
        // Every service throttles, declared or not.
        "ThrottlingException" => declared.copied().unwrap_or(code),
        _ => declared.or(names.last()).copied().unwrap_or(code),
    }
}

fn refused(contract: &Contract, operation: &Operation, refusal: Refusal) -> Response<Bytes> {
    let code = called(operation, refusal.code);
    let common = ["ThrottlingException", "AccessDeniedException", "ValidationException"];
    debug_assert!(
        operation.declares(code) || common.contains(&code),
        "{} does not declare {code}",
        operation.name
    );
    let status = StatusCode::from_u16(contract.status(code)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    refusal_response(status, code, &refusal.message, refusal.details)
}

fn shown(contract: &Contract, operation: &Operation, outcome: Outcome) -> Response<Bytes> {
    match outcome {
        Err(refusal) => {
            tracing::debug!(operation = operation.name, refusal = refusal.code, "refused");
            refused(contract, operation, refusal)
        }
        Ok(output) => {
            tracing::debug!(operation = operation.name, "answered");
            #[cfg(debug_assertions)]
            if let Some(shape) = &operation.output {
                let unlike = check::unlike_contract(contract, shape, &output, &operation.name);
                debug_assert!(unlike.is_empty(), "an answer is not what the contract says: {unlike:?}");
            }
            json_response(StatusCode::OK, &output)
        }
    }
}
