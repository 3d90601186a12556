package io.github.deletionpolicy.sample.web;

import java.io.Serializable;

import org.jspecify.annotations.Nullable;

import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * What the next page says about what was just done.
 *
 * @param text what to say
 * @param undo where to post to undo it; {@code null} if there is nothing to undo
 * @param problem whether it is about something that was refused
 * @since 0.1
 */
public record Notice(String text, @Nullable String undo, boolean problem) implements Serializable {

	private static final String ATTRIBUTE = "notice";

	/**
	 * Say that something was done.
	 * @param next the attributes of the next page
	 * @param text what to say
	 */
	public static void done(RedirectAttributes next, String text) {
		next.addFlashAttribute(ATTRIBUTE, new Notice(text, null, false));
	}

	/**
	 * Say that something was deleted, with a button to undo it.
	 * @param next the attributes of the next page
	 * @param what what was deleted
	 * @param table the table it is in
	 * @param id its primary key
	 */
	public static void deleted(RedirectAttributes next, String what, String table, Object id) {
		next.addFlashAttribute(ATTRIBUTE, new Notice("Deleted %s. It is in the trash for now.".formatted(what),
				"/trash/%s/%s/restore".formatted(table, id), false));
	}

	/**
	 * Say that something was refused.
	 * @param text why
	 * @return the notice
	 */
	static Notice refused(String text) {
		return new Notice(text, null, true);
	}

}
