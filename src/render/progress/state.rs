//! What is known about the build: the one state machine behind all displays. It does no I/O and
//! learns the time from its caller.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::boot::Boots;
use super::interval::{Intervals, seconds_between};
use super::log::Log;
use crate::event::{self, Boot, ProgressGroup, Status, VertexLog, VertexStatus, VertexWarning};

/// The name of a vertex inside a [`State`]: its place in the list.
pub(super) type Id = usize;

/// Whose clock stamped a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// This machine's.
    Here,
    /// The daemon's, which may be wrong by any amount.
    Daemon,
}

/// One step, or a group of steps that is shown as one.
#[derive(Debug, Clone)]
pub(super) struct Vertex {
    pub(super) name: String,
    pub(super) cached: bool,
    pub(super) error: String,
    pub(super) intervals: Intervals,
    pub(super) log: Log,
    pub(super) warnings: Vec<VertexWarning>,
    /// News since the vertex was last printed, for a fair share of the output.
    pub(super) news: usize,
    /// When the first of these news came.
    pub(super) news_since: Option<Timestamp>,
    /// How many other vertices had had their first news by then.
    pub(super) turn: usize,
    /// Indices of `statuses` that changed since the vertex was last printed.
    pub(super) changed: BTreeSet<usize>,
    statuses: Vec<VertexStatus>,
    /// Indices of `statuses` in the order in which they started.
    started: Vec<usize>,
    last: Option<event::Vertex>,
    members: Option<BTreeMap<String, event::Vertex>>,
    hidden: bool,
    origin: Origin,
}

impl Vertex {
    fn new(name: &str, members: Option<BTreeMap<String, event::Vertex>>, origin: Origin) -> Self {
        Self {
            name: name.to_owned(),
            cached: false,
            error: String::new(),
            intervals: Intervals::default(),
            log: Log::default(),
            warnings: Vec::new(),
            news: 0,
            news_since: None,
            turn: 0,
            changed: BTreeSet::new(),
            statuses: Vec::new(),
            started: Vec::new(),
            last: None,
            hidden: members.is_some(),
            members,
            origin,
        }
    }

    /// The parts of the step that started, in that order, with their index.
    pub(super) fn statuses(&self) -> impl Iterator<Item = (usize, &VertexStatus)> {
        let started = self.started.iter();
        started.filter_map(|&i| Some((i, self.statuses.get(i)?)))
    }

    /// Whether somebody stopped the step rather than it failing by itself.
    pub(super) fn is_canceled(&self) -> bool {
        self.error.ends_with("context canceled")
    }

    /// Whether the step failed by itself.
    pub(super) fn is_failed(&self) -> bool {
        !self.error.is_empty() && !self.is_canceled()
    }

    /// Whether it runs now and may be shown.
    pub(super) fn is_running(&self) -> bool {
        !self.hidden && self.intervals.is_started() && !self.intervals.is_completed()
    }

    fn noticed(&mut self, now: Timestamp, turns: &mut usize) {
        if self.news == 0 {
            self.news_since = Some(now);
            self.turn = *turns;
            *turns += 1;
        }
        self.news += 1;
    }

    /// Whether `next` says anything that the last message did not. A message about an end always
    /// does.
    fn is_news(&self, next: &event::Vertex) -> bool {
        next.completed.is_some()
            || self.last.as_ref().is_none_or(|last| {
                last.name != next.name
                    || last.started != next.started
                    || last.cached != next.cached
                    || last.error != next.error
            })
    }

    /// What its members make of a group. True if that is new.
    fn regroup(&mut self) -> bool {
        let Some(members) = &self.members else {
            return false;
        };
        let mut changed = false;
        let mut strong = false;
        for member in members.values() {
            let Some(started) = member.started else {
                continue;
            };
            changed |= self.intervals.record(started, member.completed);
            strong |= !member.group.as_ref().is_some_and(|group| group.weak);
        }
        let cached = members.values().all(|member| member.cached);
        let error = members.values().map(|m| &m.error).find(|e| !e.is_empty());
        let error = error.cloned().unwrap_or_default();
        // A group that failed is never hidden: its error would be lost.
        let shown = strong || (!error.is_empty() && self.intervals.is_started());
        changed |= cached != self.cached || error != self.error || (shown && self.hidden);
        self.hidden &= !shown;
        self.cached = cached;
        self.error = error;
        changed
    }
}

/// How many steps there are and how many of them are complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) completed: usize,
    pub(super) total: usize,
}

/// What is known about the build.
#[derive(Debug, Default)]
pub(super) struct State {
    vertices: Vec<Vertex>,
    ids: HashMap<String, Id>,
    shown: Vec<Id>,
    updated: BTreeSet<Id>,
    began: Option<Timestamp>,
    skew: Option<SignedDuration>,
    /// How often a vertex without news got some.
    turns: usize,
    boots: Boots,
}

impl State {
    /// The name of the vertex, or of its group, with that digest.
    pub(super) fn id(&self, digest: &str) -> Option<Id> {
        self.ids.get(digest).copied()
    }

    /// The vertex of that name.
    pub(super) fn get(&self, id: Id) -> Option<&Vertex> {
        self.vertices.get(id)
    }

    /// The vertex of that name, to take things out of it.
    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut Vertex> {
        self.vertices.get_mut(id)
    }

    /// All visible vertices that ever started, in that order.
    pub(super) fn shown(&self) -> impl Iterator<Item = (Id, &Vertex)> {
        let shown = self.shown.iter();
        shown.filter_map(|&id| Some((id, self.vertices.get(id)?)))
    }

    /// The visible vertices that changed since they were last [`Self::printed`].
    pub(super) fn updated(&self) -> impl Iterator<Item = (Id, &Vertex)> {
        let updated = self.updated.iter();
        let known = updated.filter_map(|&id| Some((id, self.vertices.get(id)?)));
        known.filter(|(_, vertex)| !vertex.hidden)
    }

    /// The changes of this vertex were shown.
    pub(super) fn printed(&mut self, id: Id) {
        self.updated.remove(&id);
        if let Some(vertex) = self.vertices.get_mut(id) {
            vertex.changed.clear();
        }
    }

    /// When the build began, in this machine's clock.
    pub(super) fn began(&self) -> Option<Timestamp> {
        self.began
    }

    /// How many steps there are.
    pub(super) fn count(&self) -> Count {
        let visible = self.vertices.iter().filter(|vertex| !vertex.hidden);
        let done = |vertex: &&Vertex| vertex.intervals.is_completed();
        Count {
            completed: visible.clone().filter(done).count(),
            total: visible.count(),
        }
    }

    /// `now` in the clock that stamped this vertex.
    pub(super) fn now_for(&self, vertex: &Vertex, now: Timestamp) -> Timestamp {
        match (vertex.origin, self.skew) {
            (Origin::Daemon, Some(skew)) => now.checked_sub(skew).unwrap_or(now),
            _ => now,
        }
    }

    /// Takes in how a builder comes up.
    pub(super) fn boot(&mut self, boot: &Boot, now: Timestamp) {
        let status = self.boots.status(boot, now);
        self.update(&status, Origin::Here, now);
    }

    /// Takes in one delta.
    pub(super) fn update(&mut self, status: &Status, origin: Origin, now: Timestamp) {
        let mut groups = Vec::new();
        for vertex in &status.vertexes {
            if let Some(group) = self.group_of(vertex, origin) {
                groups.push(group);
            } else {
                self.step(vertex, origin, now);
            }
        }
        groups.dedup();
        for group in groups {
            self.refresh_group(group, now);
        }
        for part in &status.statuses {
            self.part(part, now);
        }
        for warning in &status.warnings {
            let id = self.id(&warning.vertex);
            if let Some(vertex) = id.and_then(|id| self.vertices.get_mut(id)) {
                vertex.warnings.push(warning.clone());
                vertex.noticed(now, &mut self.turns);
            }
        }
        for log in &status.logs {
            self.output(log, now);
        }
    }

    fn find(&mut self, digest: &str) -> Option<&mut Vertex> {
        let id = *self.ids.get(digest)?;
        self.vertices.get_mut(id)
    }

    fn add(&mut self, digest: &str, vertex: Vertex) -> Id {
        let id = self.vertices.len();
        self.vertices.push(vertex);
        self.ids.insert(digest.to_owned(), id);
        id
    }

    /// Files a member of a group under its group, whose name is returned.
    fn group_of(&mut self, vertex: &event::Vertex, origin: Origin) -> Option<Id> {
        let mut member = vertex.clone();
        if member.group.is_none() {
            // Once a member, always a member, even if a later message forgets to say so.
            let known = self.find(&vertex.digest)?.members.as_ref()?;
            member.group.clone_from(&known.get(&vertex.digest)?.group);
        }
        let ProgressGroup { id, name, .. } = member.group.as_ref()?;
        let group = match self.ids.get(id) {
            Some(&group) => group,
            None => self.add(id, Vertex::new(name, Some(BTreeMap::new()), origin)),
        };
        let members = self.vertices.get_mut(group)?.members.as_mut()?;
        members.insert(vertex.digest.clone(), member);
        self.ids.insert(vertex.digest.clone(), group);
        Some(group)
    }

    fn refresh_group(&mut self, id: Id, now: Timestamp) {
        let Some(group) = self.vertices.get_mut(id) else {
            return;
        };
        let (was_started, was_hidden) = (group.intervals.is_started(), group.hidden);
        let changed = group.regroup();
        let (hidden, origin) = (group.hidden, group.origin);
        let first = group.intervals.merged().first().map(|i| i.start);
        if changed && !hidden {
            group.noticed(now, &mut self.turns);
            self.updated.insert(id);
        }
        if was_hidden && !hidden {
            self.shown.push(id);
        }
        if let Some(first) = first.filter(|_| !was_started) {
            self.saw_start(first, origin, now);
        }
    }

    fn step(&mut self, next: &event::Vertex, origin: Origin, now: Timestamp) {
        let id = match self.ids.get(&next.digest) {
            Some(&id) => id,
            None => self.add(&next.digest, Vertex::new(&next.name, None, origin)),
        };
        let Some(vertex) = self.vertices.get_mut(id) else {
            return;
        };
        let was_started = vertex.intervals.is_started();
        // A repeated announcement must not undo what a step that began already said.
        if !was_started || next.started.is_some() {
            vertex.name.clone_from(&next.name);
            vertex.error.clone_from(&next.error);
            vertex.cached = next.cached;
        }
        let Some(started) = next.started else {
            return;
        };
        vertex.intervals.record(started, next.completed);
        if vertex.is_news(next) {
            vertex.noticed(now, &mut self.turns);
            self.updated.insert(id);
        }
        vertex.last = Some(next.clone());
        if !was_started {
            self.shown.push(id);
            self.saw_start(started, origin, now);
        }
    }

    /// The first start tells how wrong the daemon's clock is.
    fn saw_start(&mut self, started: Timestamp, origin: Origin, now: Timestamp) {
        self.began.get_or_insert(now);
        if origin == Origin::Daemon {
            self.skew.get_or_insert(now.duration_since(started));
        }
    }

    fn part(&mut self, next: &VertexStatus, now: Timestamp) {
        let Some(&id) = self.ids.get(&next.vertex) else {
            return;
        };
        let Some(vertex) = self.vertices.get_mut(id) else {
            return;
        };
        let known = vertex.statuses.iter().position(|part| part.id == next.id);
        let index = known.unwrap_or(vertex.statuses.len());
        if next.started.is_some() && !vertex.started.contains(&index) {
            vertex.started.push(index);
        }
        match vertex.statuses.get_mut(index) {
            Some(part) => part.clone_from(next),
            None => vertex.statuses.push(next.clone()),
        }
        vertex.changed.insert(index);
        vertex.noticed(now, &mut self.turns);
        self.updated.insert(id);
    }

    fn output(&mut self, log: &VertexLog, now: Timestamp) {
        let Some(&id) = self.ids.get(&log.vertex) else {
            return;
        };
        let Some(vertex) = self.vertices.get_mut(id) else {
            return;
        };
        let start = vertex.intervals.latest().map(|latest| latest.start);
        let seconds = start
            .zip(log.timestamp)
            .map_or(0.0, |(start, time)| seconds_between(start, time));
        vertex.log.push(&log.data, seconds);
        vertex.noticed(now, &mut self.turns);
        self.updated.insert(id);
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
