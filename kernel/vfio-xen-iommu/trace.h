/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: one event for each hypercall.
 *
 *   trace-cmd record -e vfio_xen_iommu
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vfio_xen_iommu

#if !defined(VXI_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VXI_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(vxi_hypercall,
	TP_PROTO(const char *op, u16 domid, u64 dfn, u64 mfn, u64 nr, u32 sbdf,
		 long ret),
	TP_ARGS(op, domid, dfn, mfn, nr, sbdf, ret),
	TP_STRUCT__entry(
		__string(op, op)
		__field(u16, domid)
		__field(u64, dfn)
		__field(u64, mfn)
		__field(u64, nr)
		__field(u32, sbdf)
		__field(long, ret)
	),
	TP_fast_assign(
		__assign_str(op);
		__entry->domid = domid;
		__entry->dfn = dfn;
		__entry->mfn = mfn;
		__entry->nr = nr;
		__entry->sbdf = sbdf;
		__entry->ret = ret;
	),
	TP_printk("%s domid=%u dfn=%#llx mfn=%#llx nr=%llu sbdf=%08x ret=%ld",
		  __get_str(op), __entry->domid, __entry->dfn, __entry->mfn,
		  __entry->nr, __entry->sbdf, __entry->ret)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
