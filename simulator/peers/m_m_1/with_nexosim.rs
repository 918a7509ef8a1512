//! The M/M/1 on nexosim, on one thread: a model of the arrivals connected to one of the server, and both as one model.

use std::collections::VecDeque;
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{EventSinkReader, EventSource, Output, SinkState, event_slot};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use simulator::engine::random::Stream;

use crate::{Outcome, UTILIZATION};

/// What is told at the end: customers served, and how long they waited in all.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Total {
    served: u64,
    waited: f64,
}

/// Where customers come from.
#[derive(Serialize, Deserialize)]
struct Source {
    customers: Output<()>,
    #[serde(skip, default = "arrivals")]
    arrivals: Stream,
}

#[Model]
impl Source {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>) {
        self.await_arrival(context);
    }

    fn await_arrival(&mut self, context: &Context<Self>) {
        let after = mean_seconds(self.arrivals.exponential() / UTILIZATION);
        context.schedule_event(after, schedulable!(Self::arrived), ()).expect("it is to come");
    }

    #[nexosim(schedulable)]
    async fn arrived(&mut self, _: (), context: &Context<Self>) {
        self.await_arrival(context);
        self.customers.send(()).await;
    }
}

#[derive(Serialize, Deserialize)]
struct Server {
    told: Output<Total>,
    /// Its customers come by its own events, where no model sends them.
    #[serde(skip)]
    arrivals: Option<Stream>,
    #[serde(skip, default = "services")]
    services: Stream,
    waiting: VecDeque<MonotonicTime>,
    busy: bool,
    total: Total,
}

fn arrivals() -> Stream {
    Stream::new(1, "arrivals", 0)
}

fn services() -> Stream {
    Stream::new(1, "services", 0)
}

/// nexosim takes no event for the present.
fn mean_seconds(exponential: f64) -> Duration {
    Duration::from_secs_f64(exponential).max(Duration::from_nanos(1))
}

#[Model]
impl Server {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>) {
        self.await_arrival(context);
    }

    fn await_arrival(&mut self, context: &Context<Self>) {
        if let Some(arrivals) = &mut self.arrivals {
            let after = mean_seconds(arrivals.exponential() / UTILIZATION);
            context.schedule_event(after, schedulable!(Self::arrived), ()).expect("it is to come");
        }
    }

    fn serve(&mut self, context: &Context<Self>) {
        let after = mean_seconds(self.services.exponential());
        context.schedule_event(after, schedulable!(Self::done), ()).expect("it is to come");
    }

    #[nexosim(schedulable)]
    fn arrived(&mut self, _: (), context: &Context<Self>) {
        self.await_arrival(context);
        if self.busy {
            self.waiting.push_back(context.time());
        } else {
            self.busy = true;
            self.serve(context);
        }
    }

    #[nexosim(schedulable)]
    fn done(&mut self, _: (), context: &Context<Self>) {
        self.total.served += 1;
        if let Some(since) = self.waiting.pop_front() {
            self.total.waited += context.time().duration_since(since).as_secs_f64();
            self.serve(context);
        } else {
            self.busy = false;
        }
    }

    async fn tell(&mut self) {
        self.told.send(self.total).await;
    }
}

/// Serves about so many customers of another model.
pub fn run_connected(customers: u64) -> Outcome {
    run(customers, true)
}

/// Serves about so many customers of its own.
pub fn run_alone(customers: u64) -> Outcome {
    run(customers, false)
}

fn run(customers: u64, connected: bool) -> Outcome {
    let mut server = Server {
        told: Output::default(),
        arrivals: (!connected).then(arrivals),
        services: services(),
        waiting: VecDeque::new(),
        busy: false,
        total: Total::default(),
    };
    let mailbox = Mailbox::new();
    let (sink, mut told) = event_slot(SinkState::Enabled);
    server.told.connect_sink(sink);
    let mut start = SimInit::with_num_threads(1);
    if connected {
        let mut source = Source { customers: Output::default(), arrivals: arrivals() };
        source.customers.connect(Server::arrived, &mailbox);
        start = start.add_model(source, Mailbox::new(), "source");
    }
    let tell = EventSource::new().connect(Server::tell, &mailbox).register(&mut start);
    let start = start.add_model(server, mailbox, "server");
    let mut simulation = start.init(MonotonicTime::EPOCH).expect("the model is whole");
    // Two events a customer; those who wait at the end are few.
    let events = 2 * customers;
    for _ in 0..events {
        simulation.step().expect("the model schedules its next event");
    }
    simulation.process_event(&tell, ()).expect("the model answers");
    let total = told.try_read().expect("it has told");
    Outcome { events, wait: total.waited / total.served as f64 }
}
