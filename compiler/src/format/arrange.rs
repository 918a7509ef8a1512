//! Which fields are properties and which are children, and in which order properties stand.

use std::collections::BTreeMap;

use super::tree::{Block, Content, Entry, Item, Node};
use crate::resolve::schema::NodeType;

/// Arranges everything in a block of a node of that type; `None` where the schema knows none.
pub fn items(items: &mut [Item], parent: Option<&'static NodeType>) {
    for item in items {
        if let Content::Node(node) = &mut item.content {
            arrange(node, parent.and_then(|parent| parent.child(&node.name.meaning)));
        }
    }
}

fn arrange(node: &mut Node, node_type: Option<&'static NodeType>) {
    if let Some(node_type) = node_type {
        let counts = counts(node);
        let is_single = |name: &str| counts.get(name) == Some(&1);
        fields_into_block(node, node_type, &is_single);
        fields_out_of_block(node, node_type, &is_single);
    }
    let rank = |name: &str| {
        let children = node_type.map_or(&[][..], |node_type| node_type.children);
        children.iter().position(|child| child.name == name).unwrap_or(children.len())
    };
    node.entries.sort_by_key(|entry| entry.name.as_ref().map(|name| rank(&name.meaning)));
    for block in &mut node.blocks {
        items(&mut block.items, node_type);
    }
    drop_empty_block(node);
}

/// How often each name stands in the node.
fn counts(node: &Node) -> BTreeMap<String, usize> {
    let properties = node.entries.iter().filter(|entry| !entry.left_out);
    let properties = properties.filter_map(|entry| entry.name.as_ref());
    let blocks = node.blocks.iter().filter(|block| !block.left_out);
    let children = blocks.flat_map(|block| &block.items).filter_map(|item| match &item.content {
        Content::Node(child) if !child.left_out => Some(&child.name),
        Content::Node(_) | Content::Comment(_) => None,
    });
    let mut counts = BTreeMap::new();
    for name in properties.chain(children) {
        *counts.entry(name.meaning.clone()).or_default() += 1;
    }
    counts
}

/// Properties that are to be children go to the top of the block, in the order of the schema.
fn fields_into_block(node: &mut Node, node_type: &'static NodeType, is_single: &dyn Fn(&str) -> bool) {
    let place = |entry: &Entry| {
        let name = &entry.name.as_ref().filter(|_| !entry.left_out)?.meaning;
        let place = node_type.children.iter().position(|child| child.name == *name)?;
        let field = node_type.children[place];
        (field.may_be_property() && !node_type.has_property(field) && is_single(name)).then_some(place)
    };
    let mut moved: Vec<(usize, Entry)> = Vec::new();
    for entry in std::mem::take(&mut node.entries) {
        match place(&entry) {
            Some(place) => moved.push((place, entry)),
            None => node.entries.push(entry),
        }
    }
    if moved.is_empty() {
        return;
    }
    moved.sort_by_key(|&(place, _)| place);
    let own = node.blocks.iter().position(|block| !block.left_out).unwrap_or_else(|| {
        node.blocks.push(Block::default());
        node.blocks.len() - 1
    });
    let lines = moved.into_iter().flat_map(|(_, entry)| child(entry));
    node.blocks[own].items.splice(0..0, lines);
}

/// A property as a child below its comments.
fn child(mut entry: Entry) -> Vec<Item> {
    let comments = std::mem::take(&mut entry.comments);
    let name = entry.name.take().expect("only properties become children");
    let node = Node { left_out: false, name, entries: vec![entry], blocks: Vec::new(), behind: Vec::new() };
    let contents = comments.into_iter().map(Content::Comment).chain([Content::Node(node)]);
    contents.map(|content| Item { blank_before: false, content }).collect()
}

/// Children that are to be properties leave the block, unless a comment belongs to one of them.
fn fields_out_of_block(node: &mut Node, node_type: &'static NodeType, is_single: &dyn Fn(&str) -> bool) {
    let Some(block) = node.blocks.iter_mut().find(|block| !block.left_out) else { return };
    let leaves = |item: &Item| {
        let Content::Node(child) = &item.content else { return false };
        let field = node_type.child(&child.name.meaning).filter(|field| field.may_be_property());
        let value = matches!(child.entries.as_slice(), [value] if value.name.is_none() && !value.left_out);
        let whole = value && !child.left_out && child.blocks.is_empty() && is_single(&child.name.meaning);
        whole && field.is_some_and(|field| node_type.has_property(field))
    };
    let mut comment_above = false;
    for item in &block.items {
        let attached = comment_above && !item.blank_before;
        if leaves(item) && (attached || has_comment(item)) {
            return;
        }
        comment_above = matches!(item.content, Content::Comment(_));
    }
    let mut blank_before = false;
    for mut item in std::mem::take(&mut block.items) {
        item.blank_before |= std::mem::take(&mut blank_before);
        if leaves(&item) {
            // What follows keeps its distance from what stands before.
            blank_before = item.blank_before;
            node.entries.extend(property(item));
        } else {
            item.blank_before &= !block.items.is_empty();
            block.items.push(item);
        }
    }
}

fn has_comment(item: &Item) -> bool {
    match &item.content {
        Content::Comment(_) => true,
        Content::Node(node) => {
            !node.behind.is_empty() || node.entries.iter().any(|entry| !entry.comments.is_empty())
        }
    }
}

fn property(item: Item) -> Option<Entry> {
    let Content::Node(Node { name, entries, .. }) = item.content else { return None };
    let value = entries.into_iter().next()?;
    Some(Entry { name: Some(name), ..value })
}

/// A block that holds nothing goes, and what stands behind its `{` stands behind the node.
fn drop_empty_block(node: &mut Node) {
    let empty = |block: &Block| !block.left_out && block.items.is_empty() && block.before.is_empty();
    let Some(place) = node.blocks.iter().position(empty) else { return };
    let ends_line = node.blocks[place].opening.last().is_some_and(|comment| comment.ends_line);
    let is_last = place + 1 == node.blocks.len();
    if node.blocks[place].opening.is_empty() || is_last && (!ends_line || node.behind.is_empty()) {
        let block = node.blocks.remove(place);
        node.behind.splice(0..0, block.opening);
    }
}
