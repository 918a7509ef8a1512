//! What breaks in the cluster for a time, as the scenario says: who hears of it.

use crate::engine::queue::Event;
use crate::engine::trace::What;
use crate::run::Run;
use crate::scenario::{Fault, FaultKind};

impl Run<'_> {
    /// Every fault of the scenario begins and ends.
    pub(crate) fn add_faults(&mut self) {
        let faults = self.scenario.faults.iter().enumerate();
        for (index, fault) in faults.filter(|(_, fault)| fault.for_ns > 0) {
            for at_ns in [fault.at_ns, fault.end_ns()] {
                self.queue.push(at_ns, Event::Fault(index as u32));
            }
        }
    }

    /// A fault begins or ends.
    pub(crate) fn fault(&mut self, index: usize) {
        match self.scenario.faults[index].kind {
            FaultKind::Metrics => self.metrics_fault(),
            FaultKind::Eci => self.eci_fault(),
        }
    }

    /// Whether something is broken; two faults of one kind may overlap.
    pub(crate) fn is_broken(&self, kind: FaultKind) -> bool {
        let now = self.clock.now_ns();
        let holds = |fault: &Fault| fault.kind == kind && (fault.at_ns..fault.end_ns()).contains(&now);
        self.scenario.faults.iter().any(holds)
    }

    /// Writes down what a fault does.
    pub(crate) fn tell_fault(&mut self, object: &str, step: &str) {
        self.happened(What::Fault { object: object.to_owned(), step: step.to_owned() });
    }
}
