//! The M/M/1 on simcore: one component with a handler, two types of events.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use serde::Serialize;
use simcore::{Event, EventHandler, Simulation, SimulationContext, cast};
use simulator::engine::random::Stream;

use crate::{Outcome, UTILIZATION};

#[derive(Clone, Serialize)]
struct Arrived {}

#[derive(Clone, Serialize)]
struct Done {}

struct Server {
    context: SimulationContext,
    arrivals: Stream,
    services: Stream,
    waiting: VecDeque<f64>,
    busy: bool,
    served: u64,
    waited: f64,
}

impl Server {
    fn await_arrival(&mut self) {
        self.context.emit_self(Arrived {}, self.arrivals.exponential() / UTILIZATION);
    }

    fn serve(&mut self) {
        self.context.emit_self(Done {}, self.services.exponential());
    }

    fn arrived(&mut self) {
        self.await_arrival();
        if self.busy {
            self.waiting.push_back(self.context.time());
        } else {
            self.busy = true;
            self.serve();
        }
    }

    fn done(&mut self) {
        self.served += 1;
        if let Some(since) = self.waiting.pop_front() {
            self.waited += self.context.time() - since;
            self.serve();
        } else {
            self.busy = false;
        }
    }
}

impl EventHandler for Server {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Arrived {} => {
                self.arrived();
            }
            Done {} => {
                self.done();
            }
        });
    }
}

/// Serves so many customers.
pub fn run(customers: u64) -> Outcome {
    let mut simulation = Simulation::new(1);
    let server = Rc::new(RefCell::new(Server {
        context: simulation.create_context("server"),
        arrivals: Stream::new(1, "arrivals", 0),
        services: Stream::new(1, "services", 0),
        waiting: VecDeque::new(),
        busy: false,
        served: 0,
        waited: 0.0,
    }));
    simulation.add_handler("server", server.clone());
    server.borrow_mut().await_arrival();
    let mut events = 0;
    while server.borrow().served < customers && simulation.step() {
        events += 1;
    }
    let server = server.borrow();
    Outcome { events, wait: server.waited / server.served as f64 }
}
