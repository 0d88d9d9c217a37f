# SPDX-License-Identifier: GPL-2.0-only

# VFIO_XEN_CHECK_FLAGS(VARIABLE, FLAGS)
# Append to VARIABLE those of FLAGS that the compiler takes without a warning.
# The test includes a libc header: some flags only make sense with the
# optimization level that the user chose, and it is the headers that say so.
AC_DEFUN([VFIO_XEN_CHECK_FLAGS], [
  for vfio_xen_flag in $2; do
    vfio_xen_saved="$CFLAGS"
    CFLAGS="$CFLAGS -Werror $vfio_xen_flag"
    AC_MSG_CHECKING([whether $CC accepts $vfio_xen_flag])
    AC_LINK_IFELSE(
      [AC_LANG_SOURCE([[#include <stdio.h>
int main(void) { return puts("") < 0; }]])],
      [AC_MSG_RESULT([yes]); $1="$$1 $vfio_xen_flag"],
      [AC_MSG_RESULT([no])])
    CFLAGS="$vfio_xen_saved"
  done
  AC_SUBST([$1])
])
