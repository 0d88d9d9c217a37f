// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupts that VFIO has requested, by their names in /proc/interrupts:
 *
 *	            CPU0       CPU1
 *	 25:          3         14   xen-pirq  -msi-x     vfio-msix[3](0000:00:05.0)
 *
 * Unknown lines and names belong to other parts of the kernel and are skipped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "internal.h"

#define CONFIG_SIZE 256
/* The bound of a capability list without a loop */
#define MAX_CAPABILITIES ((CONFIG_SIZE - PCI_STD_HEADER_SIZEOF) / 4)

struct irqs {
	struct irq *irqs; /* one for each device */
	size_t nr;
	struct irq_vector *vectors; /* of all devices */
	size_t nr_vectors;
};

/* How the name of an action begins. After '[' come the vector and "](". */
static const struct action_name {
	const char *prefix;
	enum vfio_xen_irq_kind kind;
	enum vfio_xen_irq_notification notification;
} action_names[] = {
	{ "vfio-intx(", VFIO_XEN_IRQ_INTX, VFIO_XEN_IRQ_EVENTFD },
	{ "vfio-msi[", VFIO_XEN_IRQ_MSI, VFIO_XEN_IRQ_EVENTFD },
	{ "vfio-msix[", VFIO_XEN_IRQ_MSIX, VFIO_XEN_IRQ_EVENTFD },
	{ "vfio-xen-evtchn[", VFIO_XEN_IRQ_UNKNOWN, VFIO_XEN_IRQ_EVTCHN },
};

static const struct action_name *find_action_name(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(action_names); i++)
		if (!strncmp(text, action_names[i].prefix,
			     strlen(action_names[i].prefix)))
			return &action_names[i];
	return NULL;
}

/*
 * Parses one action, whose name must be all of @text. Returns -EINVAL if it is
 * not VFIO's.
 */
static int parse_action(char *text, struct irq *irq, unsigned int *vector)
{
	const struct action_name *name = find_action_name(text);
	char *address, *end;

	if (!name)
		return -EINVAL;
	address = text + strlen(name->prefix);
	*vector = 0;
	if (address[-1] == '[') {
		size_t digits = strspn(address, "0123456789");

		if (!digits || strncmp(address + digits, "](", 2))
			return -EINVAL;
		*vector = (unsigned int)strtoul(address, NULL, 10);
		address += digits + 2;
	}
	end = strchr(address, ')');
	if (!end || end[1])
		return -EINVAL;
	*end = '\0';
	irq->kind = name->kind;
	irq->notification = name->notification;
	irq->nr_vectors = 1;
	return vfio_xen_sbdf_parse(address, &irq->sbdf);
}

static int count_cpus(const char *header)
{
	int nr = 0;

	while ((header = strstr(header, "CPU"))) {
		header += 3;
		nr++;
	}
	return nr;
}

/* Adds the columns of all CPUs and moves on to the text after them. */
static int add_columns(char **text, int nr_cpus, uint64_t *count)
{
	for (int i = 0; i < nr_cpus; i++) {
		size_t len;
		uint64_t value;
		char after;
		int err;

		*text += strspn(*text, " ");
		len = strcspn(*text, " \n");
		after = (*text)[len];
		(*text)[len] = '\0';
		err = parse_u64(*text, &value);
		(*text)[len] = after;
		if (err)
			return -EINVAL;
		*text += len;
		*count += value;
	}
	return 0;
}

/*
 * Adds up all vectors of a device, which uses one kind of interrupt at a time.
 */
static int irqs_add(struct irqs *irqs, const struct irq *irq)
{
	struct irq *grown;

	for (size_t i = 0; i < irqs->nr; i++) {
		if (irqs->irqs[i].sbdf != irq->sbdf)
			continue;
		irqs->irqs[i].nr_vectors++;
		irqs->irqs[i].count += irq->count;
		irqs->irqs[i].shared |= irq->shared;
		return 0;
	}
	grown = reallocarray(irqs->irqs, irqs->nr + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	grown[irqs->nr++] = *irq;
	irqs->irqs = grown;
	return 0;
}

static int irqs_add_vector(struct irqs *irqs, const struct irq *irq,
			   unsigned int number)
{
	struct irq_vector *grown = reallocarray(
		irqs->vectors, irqs->nr_vectors + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	grown[irqs->nr_vectors++] =
		(struct irq_vector){ irq->sbdf, number, irq->count };
	irqs->vectors = grown;
	return 0;
}

/*
 * "  A, B\n". The interrupt chip decides what separates its name from the first
 * action.
 */
static int parse_actions(struct irqs *irqs, char *text, uint64_t count)
{
	bool shared = strchr(text, ',');
	char *save;

	for (text = strtok_r(text, " ,\n", &save); text;
	     text = strtok_r(NULL, " ,\n", &save)) {
		struct irq irq = { .count = count, .shared = shared };
		unsigned int vector;
		int err;

		if (parse_action(text, &irq, &vector))
			continue;
		err = irqs_add(irqs, &irq);
		if (!err)
			err = irqs_add_vector(irqs, &irq, vector);
		if (err)
			return err;
	}
	return 0;
}

static int parse_line(struct irqs *irqs, char *line, int nr_cpus)
{
	char *text = strchr(line, ':');
	uint64_t count = 0;

	/*
	 * Skips most lines; some, such as NMI, are not even interrupt requests.
	 */
	if (!text || !strstr(text, "vfio-"))
		return 0;
	text++;
	if (add_columns(&text, nr_cpus, &count))
		return 0;
	return parse_actions(irqs, text, count);
}

int irqs_new(struct vfio_xen_ctx *ctx, struct irqs **irqs)
{
	FILE *file = file_open(ctx, "/proc/interrupts");
	struct irqs *new;
	char *line = NULL;
	int nr_cpus = 0, err = 0;
	size_t size = 0;

	if (!file)
		return -errno;
	new = calloc(1, sizeof(*new));
	if (!new)
		err = -ENOMEM;
	else if (getline(&line, &size, file) >= 0)
		nr_cpus = count_cpus(line);
	if (!err && !nr_cpus)
		err = -EBADMSG;
	while (!err && getline(&line, &size, file) >= 0)
		err = parse_line(new, line, nr_cpus);
	free(line);
	fclose(file);
	if (err) {
		irqs_free(new);
		return err;
	}
	*irqs = new;
	return 0;
}

void irqs_free(struct irqs *irqs)
{
	if (!irqs)
		return;
	free(irqs->irqs);
	free(irqs->vectors);
	free(irqs);
}

static uint16_t config_word(const uint8_t *config, size_t at)
{
	return (uint16_t)(config[at] | config[at + 1] << 8);
}

/* The kind of interrupt that the capability at @at enables. */
static enum vfio_xen_irq_kind enabled_kind(const uint8_t *config, size_t at)
{
	uint16_t flags = config_word(config, at + PCI_MSI_FLAGS);

	if (config[at] == PCI_CAP_ID_MSI && flags & PCI_MSI_FLAGS_ENABLE)
		return VFIO_XEN_IRQ_MSI;
	if (config[at] == PCI_CAP_ID_MSIX && flags & PCI_MSIX_FLAGS_ENABLE)
		return VFIO_XEN_IRQ_MSIX;
	return VFIO_XEN_IRQ_UNKNOWN;
}

static enum vfio_xen_irq_kind find_enabled(const uint8_t *config)
{
	size_t at = config[PCI_CAPABILITY_LIST] & 0xfc;

	if (!(config_word(config, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return VFIO_XEN_IRQ_UNKNOWN;
	for (int i = 0; at >= PCI_STD_HEADER_SIZEOF && i < MAX_CAPABILITIES;
	     i++) {
		enum vfio_xen_irq_kind kind = enabled_kind(config, at);

		if (kind != VFIO_XEN_IRQ_UNKNOWN)
			return kind;
		at = config[at + PCI_CAP_LIST_NEXT] & 0xfc;
	}
	return VFIO_XEN_IRQ_UNKNOWN;
}

/*
 * The name of an event channel's action lacks the kind, so ask the device.
 * Other users than root can read less than CONFIG_SIZE.
 */
static bool read_config(const struct vfio_xen_device *dev,
			uint8_t config[CONFIG_SIZE])
{
	FILE *file = file_open(dev->ctx, "/sys/bus/pci/devices/%s/config",
			       dev->address);
	size_t len;

	if (!file)
		return false;
	len = fread(config, 1, CONFIG_SIZE, file);
	fclose(file);
	return len == CONFIG_SIZE;
}

static enum vfio_xen_irq_kind read_kind(const struct vfio_xen_device *dev)
{
	uint8_t config[CONFIG_SIZE];

	return read_config(dev, config) ? find_enabled(config) :
					  VFIO_XEN_IRQ_UNKNOWN;
}

/*
 * Linux does not know a guest's interrupts; the device tells their kind. VFIO
 * never disables INTx, so its use by a guest does not show.
 */
static void get_guest_irq(const struct vfio_xen_device *dev, struct irq *irq)
{
	uint8_t config[CONFIG_SIZE];

	irq->kind = VFIO_XEN_IRQ_UNKNOWN;
	if (!read_config(dev, config))
		return;
	irq->kind = find_enabled(config);
	if (irq->kind != VFIO_XEN_IRQ_UNKNOWN)
		irq->notification = VFIO_XEN_IRQ_GUEST;
	else if (!config[PCI_INTERRUPT_PIN])
		irq->kind = VFIO_XEN_IRQ_NONE;
}

static int get_vectors(const struct irqs *irqs, struct vfio_xen_device *dev)
{
	for (size_t i = 0; i < irqs->nr_vectors; i++) {
		struct irq_vector *grown;

		if (irqs->vectors[i].sbdf != dev->sbdf)
			continue;
		grown = reallocarray(dev->vectors, dev->nr_vectors + 1,
				     sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		grown[dev->nr_vectors++] = irqs->vectors[i];
		dev->vectors = grown;
	}
	return 0;
}

int irqs_get(const struct irqs *irqs, struct vfio_xen_device *dev)
{
	struct irq *irq = &dev->irq;

	*irq = (struct irq){ .sbdf = dev->sbdf };
	if (dev->owner == VFIO_XEN_OWNER_GUEST) {
		get_guest_irq(dev, irq);
		return 0;
	}
	if (!irqs) {
		irq->kind = VFIO_XEN_IRQ_UNKNOWN;
		return 0;
	}
	for (size_t i = 0; i < irqs->nr; i++)
		if (irqs->irqs[i].sbdf == dev->sbdf)
			*irq = irqs->irqs[i];
	if (irq->kind == VFIO_XEN_IRQ_UNKNOWN)
		irq->kind = read_kind(dev);
	return get_vectors(irqs, dev);
}

enum vfio_xen_irq_kind
vfio_xen_device_get_irq_kind(const struct vfio_xen_device *dev)
{
	return dev->irq.kind;
}

enum vfio_xen_irq_notification
vfio_xen_device_get_irq_notification(const struct vfio_xen_device *dev)
{
	return dev->irq.notification;
}

int vfio_xen_device_get_vectors_used(const struct vfio_xen_device *dev)
{
	/* vfio-xen-iommu does not count INTx. */
	if (dev->vectors_used < 0 || dev->irq.kind == VFIO_XEN_IRQ_INTX)
		return dev->irq.nr_vectors;
	return dev->vectors_used;
}

int vfio_xen_device_get_vectors_mapped(const struct vfio_xen_device *dev)
{
	/* A guest counts its interrupts itself. */
	return dev->owner == VFIO_XEN_OWNER_GUEST ? -ENOENT :
						    dev->vectors_mapped;
}

uint64_t vfio_xen_device_get_irq_count(const struct vfio_xen_device *dev)
{
	return dev->irq.count;
}

size_t vfio_xen_device_get_nr_vectors(const struct vfio_xen_device *dev)
{
	return dev->nr_vectors;
}

unsigned int
vfio_xen_device_get_vector_number(const struct vfio_xen_device *dev,
				  size_t index)
{
	return dev->vectors[index].number;
}

uint64_t vfio_xen_device_get_vector_count(const struct vfio_xen_device *dev,
					  size_t index)
{
	return dev->vectors[index].count;
}

bool vfio_xen_device_is_irq_shared(const struct vfio_xen_device *dev)
{
	return dev->irq.shared;
}

bool vfio_xen_device_is_in_use(const struct vfio_xen_device *dev)
{
	if (dev->owner == VFIO_XEN_OWNER_GUEST)
		return device_has_vfio_driver(dev);
	if (dev->owner == VFIO_XEN_OWNER_SHELL || dev->irq.nr_vectors)
		return true;
	/*
	 * A device whose return is pending has no owner, but keeps its vectors.
	 */
	return dev->vectors_mapped >= 0 && !dev->return_pending;
}
