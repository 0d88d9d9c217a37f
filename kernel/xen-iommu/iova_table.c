// SPDX-License-Identifier: GPL-2.0
/*
 * The iova table: a 4-level radix tree with 512 slots a node.
 */
#include "iova_table.h"

#define NODE_BITS	9
#define NODE_SLOTS	BIT(NODE_BITS)
#define TOP_LEVEL	3
#define DFN_END		BIT_ULL(IOVA_TABLE_DFN_BITS)

/*
 * A slot of a leaf (level 0) holds a pfn and a present bit, so that pfn 0 can
 * be told from a hole; a slot of a higher level points to the node below.
 */
#define SLOT_PRESENT	1ULL

struct iova_node {
	union {
		u64 frame[NODE_SLOTS];
		struct iova_node *child[NODE_SLOTS];
	};
};

static unsigned int slot_of(u64 dfn, unsigned int level)
{
	return (dfn >> (level * NODE_BITS)) & (NODE_SLOTS - 1);
}

/* The leaf that holds @dfn, or NULL. Then @skip has the dfn to go on with. */
static struct iova_node *find_leaf(const struct iova_table *table, u64 dfn,
				   u64 *skip)
{
	struct iova_node *node = READ_ONCE(table->root);
	unsigned int level = TOP_LEVEL;

	while (node && level) {
		node = READ_ONCE(node->child[slot_of(dfn, level)]);
		level--;
	}

	if (!node && skip) {
		/*
		 * What is missing is the node of @level, with all the dfns
		 * that share the bits above it.
		 */
		unsigned int shift = (level + 1) * NODE_BITS;

		*skip = ((dfn >> shift) + 1) << shift;
	}
	return node;
}

/* A node is published whole: lookups run beside this. */
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
	/* Pairs with the READ_ONCE()s of find_leaf(). */
	smp_store_release(slot, node);
	return node;
}

static struct iova_node *make_leaf(struct iova_table *table, u64 dfn)
{
	struct iova_node *node = get_node(table, &table->root);
	unsigned int level;

	for (level = TOP_LEVEL; node && level; level--)
		node = get_node(table, &node->child[slot_of(dfn, level)]);
	return node;
}

/* How many of the frames at @dfn lie in the leaf that holds @dfn. */
static unsigned int in_leaf(u64 dfn, u64 nr)
{
	return min(nr, (u64)(NODE_SLOTS - slot_of(dfn, 0)));
}

/* Make every leaf, and see that all the slots are free. */
static int reserve(struct iova_table *table, u64 dfn, u64 nr)
{
	while (nr) {
		struct iova_node *leaf = make_leaf(table, dfn);
		unsigned int first = slot_of(dfn, 0);
		unsigned int count = in_leaf(dfn, nr);
		unsigned int i;

		if (!leaf)
			return -ENOMEM;
		for (i = 0; i < count; i++)
			if (leaf->frame[first + i])
				return -EEXIST;
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

unsigned long iova_table_missing(const struct iova_table *table, u64 dfn,
				 u64 nr)
{
	unsigned long missing = 0;
	unsigned int level;

	for (level = 0; level <= TOP_LEVEL; level++) {
		unsigned int shift = (level + 1) * NODE_BITS;
		u64 last = (dfn + nr - 1) >> shift;
		u64 i;

		for (i = dfn >> shift; i <= last; i++)
			missing += !has_node(table, i << shift, level);
	}
	return missing;
}

int iova_table_insert(struct iova_table *table, u64 dfn, u64 pfn, u64 nr)
{
	int ret;

	if (dfn >= DFN_END || nr > DFN_END - dfn)
		return -ERANGE;

	ret = reserve(table, dfn, nr);
	if (ret)
		return ret;

	table->nr_mapped += nr;
	while (nr) {
		struct iova_node *leaf = find_leaf(table, dfn, NULL);
		unsigned int first = slot_of(dfn, 0);
		unsigned int count = in_leaf(dfn, nr);
		unsigned int i;

		for (i = 0; i < count; i++)
			WRITE_ONCE(leaf->frame[first + i],
				   (pfn + i) << 1 | SLOT_PRESENT);
		dfn += count;
		pfn += count;
		nr -= count;
	}
	return 0;
}

void iova_table_erase(struct iova_table *table, u64 dfn, u64 nr)
{
	u64 end = min(dfn + nr, DFN_END);

	while (dfn < end) {
		u64 skip;
		struct iova_node *leaf = find_leaf(table, dfn, &skip);
		unsigned int count, i;

		if (!leaf) {
			dfn = skip;
			continue;
		}
		count = in_leaf(dfn, end - dfn);
		for (i = slot_of(dfn, 0); i < slot_of(dfn, 0) + count; i++) {
			if (!leaf->frame[i])
				continue;
			WRITE_ONCE(leaf->frame[i], 0);
			table->nr_mapped--;
		}
		dfn += count;
	}
}

bool iova_table_find(const struct iova_table *table, u64 dfn, u64 *pfn)
{
	const struct iova_node *leaf;
	u64 frame;

	if (dfn >= DFN_END)
		return false;
	leaf = find_leaf(table, dfn, NULL);
	if (!leaf)
		return false;
	frame = READ_ONCE(leaf->frame[slot_of(dfn, 0)]);
	*pfn = frame >> 1;
	return frame & SLOT_PRESENT;
}

u64 iova_table_run(const struct iova_table *table, u64 dfn, u64 nr, u64 *pfn)
{
	u64 done = 0;

	nr = dfn < DFN_END ? min(nr, DFN_END - dfn) : 0;
	while (done < nr) {
		const struct iova_node *leaf = find_leaf(table, dfn + done,
							 NULL);
		unsigned int first = slot_of(dfn + done, 0);
		unsigned int count = in_leaf(dfn + done, nr - done);
		unsigned int i;

		if (!leaf)
			break;
		if (!done)
			*pfn = leaf->frame[first] >> 1;
		for (i = 0; i < count; i++) {
			u64 want = (*pfn + done + i) << 1 | SLOT_PRESENT;

			if (leaf->frame[first + i] != want)
				return done + i;
		}
		done += count;
	}
	return done;
}

u64 iova_table_next(const struct iova_table *table, u64 *dfn, u64 *pfn)
{
	u64 at = *dfn;

	while (at < DFN_END) {
		u64 skip, nr;

		if (!find_leaf(table, at, &skip)) {
			at = skip;
			continue;
		}
		nr = iova_table_run(table, at, DFN_END - at, pfn);
		if (nr) {
			*dfn = at;
			return nr;
		}
		at++;
	}
	return 0;
}

static void free_node(struct iova_node *node, unsigned int level)
{
	unsigned int i;

	if (!node)
		return;
	for (i = 0; level && i < NODE_SLOTS; i++)
		free_node(node->child[i], level - 1);
	pure_free_page(node);
}

void iova_table_free(struct iova_table *table)
{
	free_node(table->root, TOP_LEVEL);
	table->root = NULL;
	table->nr_nodes = 0;
	table->nr_mapped = 0;
}
