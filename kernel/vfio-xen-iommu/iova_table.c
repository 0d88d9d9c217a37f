// SPDX-License-Identifier: GPL-2.0
/*
 * The iova table: a 4-level radix tree with 512 slots per node.
 */
#include "iova_table.h"

#define NODE_BITS	9
#define NODE_SLOTS	BIT(NODE_BITS)
#define TOP_LEVEL	3
#define DFN_END		BIT_ULL(IOVA_TABLE_DFN_BITS)

/*
 * A slot of a leaf (level 0) is a frame: a pfn and a present bit, which
 * distinguishes pfn 0 from a hole. A slot of levels 2 and 3 points to the node
 * below.
 *
 * A slot of level 1 is a span of 512 frames. It points to a leaf; or, if all
 * 512 frames are contiguous, it has the value of the leaf's first slot; or it
 * is empty, and tells whether Xen may still have a page table for it.
 * Contiguous frames that Xen maps with one entry are marked: they have no page
 * table.
 */
#define FRAME_PRESENT	1ULL
#define SPAN_USED	2ULL
#define SPAN_ONE_ENTRY	BIT_ULL(63)

struct iova_node {
	union {
		u64 frame[NODE_SLOTS];
		u64 span[NODE_SLOTS];
		struct iova_node *child[NODE_SLOTS];
	};
};

static unsigned int slot_of(u64 dfn, unsigned int level)
{
	return (dfn >> (level * NODE_BITS)) & (NODE_SLOTS - 1);
}

static u64 to_frame(u64 pfn)
{
	return pfn << 1 | FRAME_PRESENT;
}

static bool is_run(u64 span)
{
	return span & FRAME_PRESENT;
}

static bool is_leaf(u64 span)
{
	return span > SPAN_USED && !is_run(span);
}

static struct iova_node *leaf_of(u64 span)
{
	return (struct iova_node *)(unsigned long)span;
}

/* The frame at @slot of the span, as its leaf would have it; 0 for a hole */
static u64 frame_in(u64 span, unsigned int slot)
{
	if (is_run(span))
		return (span & ~SPAN_ONE_ENTRY) + ((u64)slot << 1);
	return is_leaf(span) ? READ_ONCE(leaf_of(span)->frame[slot]) : 0;
}

/*
 * The span of @dfn, or NULL without a node for it. In that case @skip is set to
 * the next dfn to look at.
 */
static u64 *find_span(const struct iova_table *table, u64 dfn, u64 *skip)
{
	struct iova_node *node = READ_ONCE(table->root);
	unsigned int level = TOP_LEVEL;

	while (node && level > 1) {
		node = READ_ONCE(node->child[slot_of(dfn, level)]);
		level--;
	}

	if (!node) {
		/*
		 * The node of @level is missing, and with it all dfns that
		 * share the bits above.
		 */
		unsigned int shift = (level + 1) * NODE_BITS;

		*skip = ((dfn >> shift) + 1) << shift;
		return NULL;
	}
	return &node->span[slot_of(dfn, 1)];
}

/* Publish a complete node: lookups run concurrently. */
static struct iova_node *get_node(struct iova_table *table,
				  struct iova_node **slot)
{
	struct iova_node *node = *slot;

	static_assert(sizeof(*node) == 4096, "a node is a page");

	if (node)
		return node;
	node = pure_alloc_page();
	if (!node)
		return NULL;
	table->nr_nodes++;
	table->nr_tables++;
	/* Pairs with the READ_ONCE()s of lookups. */
	smp_store_release(slot, node);
	return node;
}

static u64 *make_span(struct iova_table *table, u64 dfn)
{
	struct iova_node *node = get_node(table, &table->root);
	unsigned int level;

	for (level = TOP_LEVEL; node && level > 1; level--)
		node = get_node(table, &node->child[slot_of(dfn, level)]);
	return node ? &node->span[slot_of(dfn, 1)] : NULL;
}

static void publish_leaf(struct iova_table *table, u64 *span,
			 struct iova_node *leaf)
{
	table->nr_nodes++;
	/* Pairs with the READ_ONCE()s of lookups. */
	smp_store_release(span, (u64)(unsigned long)leaf);
}

/* How many of the frames at @dfn are in the span of @dfn */
static unsigned int in_span(u64 dfn, u64 nr)
{
	return min(nr, (u64)(NODE_SLOTS - slot_of(dfn, 0)));
}

/* Whether Xen maps the part of a mapping in the span of @dfn with one entry */
static bool is_one_entry(const struct iova_mapping *map, u64 dfn)
{
	return map->large && !slot_of(dfn, 0) &&
	       !slot_of(map->pfn + (dfn - map->dfn), 0) &&
	       map->dfn + map->nr - dfn >= NODE_SLOTS;
}

/* Prepare the span, so that setting @count frames from @first cannot fail. */
static int reserve_span(struct iova_table *table, u64 *span, unsigned int first,
			unsigned int count, bool one_entry)
{
	struct iova_node *leaf;
	unsigned int i;

	if (!*span && one_entry)
		return 0;
	if (!*span) {
		table->nr_tables++;
		WRITE_ONCE(*span, SPAN_USED);
	}
	if (*span == SPAN_USED && count < NODE_SLOTS) {
		leaf = pure_alloc_page();
		if (!leaf)
			return -ENOMEM;
		publish_leaf(table, span, leaf);
	}
	for (i = first; *span != SPAN_USED && i < first + count; i++)
		if (frame_in(*span, i))
			return -EEXIST;
	return 0;
}

static int reserve(struct iova_table *table, const struct iova_mapping *map)
{
	u64 dfn = map->dfn;
	u64 nr = map->nr;

	while (nr) {
		u64 *span = make_span(table, dfn);
		unsigned int count = in_span(dfn, nr);
		int ret;

		if (!span)
			return -ENOMEM;
		ret = reserve_span(table, span, slot_of(dfn, 0), count,
				   is_one_entry(map, dfn));
		if (ret)
			return ret;
		dfn += count;
		nr -= count;
	}
	return 0;
}

static bool has_node(const struct iova_table *table, u64 dfn,
		     unsigned int level)
{
	const struct iova_node *node = table->root;
	unsigned int at;

	for (at = TOP_LEVEL; node && at > level; at--)
		node = node->child[slot_of(dfn, at)];
	return node;
}

static unsigned long missing_at(const struct iova_table *table,
				const struct iova_mapping *map,
				unsigned int level)
{
	unsigned int shift = (level + 1) * NODE_BITS;
	u64 last = (map->dfn + map->nr - 1) >> shift;
	unsigned long missing = 0;
	u64 i;

	for (i = map->dfn >> shift; i <= last; i++)
		missing += !has_node(table, i << shift, level);
	return missing;
}

/* A span that was always empty has no table yet, if it needs one. */
static unsigned long missing_spans(const struct iova_table *table,
				   const struct iova_mapping *map)
{
	u64 dfn = map->dfn;
	u64 nr = map->nr;
	unsigned long missing = 0;

	while (nr) {
		unsigned int count = in_span(dfn, nr);

		missing += !is_one_entry(map, dfn) && !has_node(table, dfn, 0);
		dfn += count;
		nr -= count;
	}
	return missing;
}

unsigned long vxi_iova_table_missing(const struct iova_table *table,
				     const struct iova_mapping *map)
{
	unsigned long missing = missing_spans(table, map);
	unsigned int level;

	/*
	 * Usually no frame is left, and no higher one is; but an entry needs no
	 * table.
	 */
	if (!missing && !map->large)
		return 0;
	for (level = 1; level <= TOP_LEVEL; level++)
		missing += missing_at(table, map, level);
	return missing;
}

static void set_frames(u64 *span, unsigned int first, unsigned int count,
		       u64 pfn)
{
	unsigned int i;

	if (!*span) {
		WRITE_ONCE(*span, to_frame(pfn) | SPAN_ONE_ENTRY);
		return;
	}
	if (*span == SPAN_USED) {
		WRITE_ONCE(*span, to_frame(pfn));
		return;
	}
	for (i = 0; i < count; i++)
		WRITE_ONCE(leaf_of(*span)->frame[first + i], to_frame(pfn + i));
}

int vxi_iova_table_insert(struct iova_table *table,
			  const struct iova_mapping *map)
{
	u64 dfn = map->dfn, pfn = map->pfn, nr = map->nr;
	u64 skip;
	int ret;

	if (dfn >= DFN_END || nr > DFN_END - dfn)
		return -ERANGE;

	ret = reserve(table, map);
	if (ret)
		return ret;

	table->nr_mapped += nr;
	while (nr) {
		unsigned int count = in_span(dfn, nr);

		set_frames(find_span(table, dfn, &skip), slot_of(dfn, 0), count,
			   pfn);
		dfn += count;
		pfn += count;
		nr -= count;
	}
	return 0;
}

/* A part of a run is removed: give it a leaf, as Xen has to. */
static void split_span(struct iova_table *table, u64 *span)
{
	struct iova_node *leaf = pure_must_alloc_page();
	unsigned int i;

	if (*span & SPAN_ONE_ENTRY)
		table->nr_tables++;
	for (i = 0; i < NODE_SLOTS; i++)
		leaf->frame[i] = frame_in(*span, i);
	publish_leaf(table, span, leaf);
}

static void erase_in(struct iova_table *table, u64 *span, unsigned int first,
		     unsigned int count)
{
	unsigned int i;

	if (is_run(*span)) {
		if (count == NODE_SLOTS) {
			WRITE_ONCE(*span, *span & SPAN_ONE_ENTRY ? 0 : SPAN_USED);
			table->nr_mapped -= count;
			return;
		}
		split_span(table, span);
	}
	if (!is_leaf(*span))
		return;
	for (i = first; i < first + count; i++) {
		if (!leaf_of(*span)->frame[i])
			continue;
		WRITE_ONCE(leaf_of(*span)->frame[i], 0);
		table->nr_mapped--;
	}
}

void vxi_iova_table_erase(struct iova_table *table, u64 dfn, u64 nr)
{
	u64 end = min(dfn + nr, DFN_END);

	while (dfn < end) {
		u64 skip;
		u64 *span = find_span(table, dfn, &skip);
		unsigned int count;

		if (!span) {
			dfn = skip;
			continue;
		}
		count = in_span(dfn, end - dfn);
		erase_in(table, span, slot_of(dfn, 0), count);
		dfn += count;
	}
}

bool vxi_iova_table_find(const struct iova_table *table, u64 dfn, u64 *pfn)
{
	const u64 *span;
	u64 frame, skip;

	if (dfn >= DFN_END)
		return false;
	span = find_span(table, dfn, &skip);
	if (!span)
		return false;
	frame = frame_in(READ_ONCE(*span), slot_of(dfn, 0));
	*pfn = frame >> 1;
	return frame & FRAME_PRESENT;
}

/*
 * How many of @count frames are present and contiguous, if the first is @frame
 */
static unsigned int run_in(u64 span, unsigned int first, unsigned int count,
			   u64 frame)
{
	unsigned int i;

	if (is_run(span))
		return frame_in(span, first) == frame ? count : 0;
	for (i = 0; i < count; i++)
		if (frame_in(span, first + i) != frame + ((u64)i << 1))
			break;
	return i;
}

u64 vxi_iova_table_run(const struct iova_table *table, u64 dfn, u64 nr,
		       u64 *pfn)
{
	u64 done = 0, skip, frame;

	nr = dfn < DFN_END ? min(nr, DFN_END - dfn) : 0;
	if (!nr || !vxi_iova_table_find(table, dfn, pfn))
		return 0;
	frame = to_frame(*pfn);
	while (done < nr) {
		const u64 *span = find_span(table, dfn + done, &skip);
		unsigned int count = in_span(dfn + done, nr - done);
		unsigned int run;

		if (!span)
			break;
		run = run_in(*span, slot_of(dfn + done, 0), count,
			     frame + (done << 1));
		done += run;
		if (run < count)
			break;
	}
	return done;
}

u64 vxi_iova_table_next(const struct iova_table *table, u64 *dfn, u64 *pfn)
{
	u64 at = *dfn;

	while (at < DFN_END) {
		u64 skip, nr;
		u64 *span = find_span(table, at, &skip);

		if (!span) {
			at = skip;
			continue;
		}
		nr = vxi_iova_table_run(table, at, DFN_END - at, pfn);
		if (nr) {
			*dfn = at;
			return nr;
		}
		at += is_leaf(*span) ? 1 : in_span(at, DFN_END - at);
	}
	return 0;
}

static void free_node(struct iova_node *node, unsigned int level)
{
	unsigned int i;

	if (!node)
		return;
	for (i = 0; level > 1 && i < NODE_SLOTS; i++)
		free_node(node->child[i], level - 1);
	for (i = 0; level == 1 && i < NODE_SLOTS; i++)
		if (is_leaf(node->span[i]))
			pure_free_page(leaf_of(node->span[i]));
	pure_free_page(node);
}

void vxi_iova_table_free(struct iova_table *table)
{
	free_node(table->root, TOP_LEVEL);
	table->root = NULL;
	table->nr_nodes = 0;
	table->nr_tables = 0;
	table->nr_mapped = 0;
}
