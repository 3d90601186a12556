package io.github.deletionpolicy.sample.trash;

import java.util.Locale;
import java.util.UUID;

/**
 * The tables whose deleted rows are in the trash. A caller names one of these, never a
 * table.
 */
enum TrashTable {

	PROJECTS("project", false),

	TASKS("task", false),

	ATTACHMENTS("attachment", false),

	USERS("user", false),

	DOCUMENTS("document", true);

	private final String word;

	private final boolean uuid;

	TrashTable(String word, boolean uuid) {
		this.word = word;
		this.uuid = uuid;
	}

	static TrashTable named(String name) {
		return valueOf(name.toUpperCase(Locale.ROOT));
	}

	String table() {
		return name().toLowerCase(Locale.ROOT);
	}

	String word() {
		return this.word;
	}

	Object id(String text) {
		return this.uuid ? UUID.fromString(text) : (Object) Long.valueOf(text);
	}

}
