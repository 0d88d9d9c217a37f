/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The iova table: which pfn each device frame (dfn) is mapped to.
 *
 * Linux asks for the address that it passed to map_pages() when it unmaps, and
 * Xen wants the frame again to remove an entry, so both need a record. It has
 * the shape of the page tables that Xen builds for the same mappings (4 levels
 * of 512 entries). That makes it compact, 8 bytes a page where mappings are
 * dense, and lets it count the page tables that a user has made Xen allocate,
 * which have to be provided and limited. 512 frames that fill a lowest-level
 * table and are contiguous take 8 bytes together, and no table of ours. Xen may
 * need one all the same, if the machine frames are not contiguous and aligned. Of a
 * device's memory that is known. Of RAM it is not asked: it pays for its tables.
 *
 * Nodes stay until the table is freed, as Xen's stay until the domain is
 * destroyed. So lookups of what is mapped need no lock. Erasing never fails. It
 * allocates where it takes a part of such 512 frames, which VFIO has no cause to
 * ask for: what it mapped with one call it unmaps with one.
 */
#ifndef VXI_IOVA_TABLE_H
#define VXI_IOVA_TABLE_H

#include "pure.h"

/* dfns of 36 bits: iovas of 48 bits, as far as 4 levels reach. */
#define IOVA_TABLE_DFN_BITS	36

struct iova_node;

/**
 * struct iova_table - a map from dfn to pfn
 * @root:	the top node, or NULL before the first insertion
 * @nr_nodes:	nodes allocated, the root included
 * @nr_tables:	page tables that Xen may have allocated for the same
 * @nr_mapped:	frames in the table
 *
 * Locking: the caller serialises everything but vxi_iova_table_find().
 */
struct iova_table {
	struct iova_node *root;
	unsigned long nr_nodes;
	unsigned long nr_tables;
	unsigned long nr_mapped;
};

/**
 * struct iova_mapping - what one call maps
 * @dfn:	where
 * @pfn:	the first frame
 * @nr:		how many
 * @large:	pfns are machine frames: Xen maps 512 that are aligned, at an aligned
 *		dfn, with one entry and no page table
 */
struct iova_mapping {
	u64 dfn;
	u64 pfn;
	u64 nr;
	bool large;
};

/**
 * vxi_iova_table_insert() - record a mapping
 *
 * Return: 0; -ERANGE beyond the last dfn; -EEXIST if any of the frames is
 * mapped already; -ENOMEM. On an error nothing has been recorded.
 */
int vxi_iova_table_insert(struct iova_table *table,
			  const struct iova_mapping *map);

/**
 * vxi_iova_table_missing() - the page tables that an insertion would add
 */
unsigned long vxi_iova_table_missing(const struct iova_table *table,
				     const struct iova_mapping *map);

/**
 * vxi_iova_table_erase() - forget the @nr frames at @dfn; holes are passed over
 */
void vxi_iova_table_erase(struct iova_table *table, u64 dfn, u64 nr);

/**
 * vxi_iova_table_find() - look one frame up; safe against concurrent changes
 *
 * Return: whether @dfn is mapped; then @pfn says where to.
 */
bool vxi_iova_table_find(const struct iova_table *table, u64 dfn, u64 *pfn);

/**
 * vxi_iova_table_run() - the run of pfn-contiguous frames that starts at @dfn
 *
 * Return: its length, at most @nr, with @pfn its first frame; 0 for a hole.
 */
u64 vxi_iova_table_run(const struct iova_table *table, u64 dfn, u64 nr,
		       u64 *pfn);

/**
 * vxi_iova_table_next() - the first run at or after @dfn
 *
 * Return: its length, with @dfn and @pfn its first frames; 0 if there is none.
 */
u64 vxi_iova_table_next(const struct iova_table *table, u64 *dfn, u64 *pfn);

/**
 * vxi_iova_table_free() - give every node back; the table is empty after that
 */
void vxi_iova_table_free(struct iova_table *table);

#endif
