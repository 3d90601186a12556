package io.github.deletionpolicy.autoconfigure;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.event.GenericApplicationListener;
import org.springframework.context.event.GenericApplicationListenerAdapter;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.ResolvableType;

/**
 * Finds out whether anybody listens to events of a type. Where that cannot be seen, the
 * answer is yes.
 */
class EventAudience {

	private final ApplicationContext context;

	private final Map<Class<?>, Answer> answers = new ConcurrentHashMap<>();

	EventAudience(ApplicationContext context) {
		this.context = context;
	}

	/**
	 * Return whether a listener of this context, or of one above it, is notified of
	 * events of a type. Listeners may come later, so the answer is good for their number
	 * only.
	 */
	boolean listensTo(Class<?> type) {
		int listeners = count();
		Answer known = this.answers.get(type);
		if (known == null || known.listeners() != listeners) {
			known = new Answer(listeners, isHeard(type));
			this.answers.put(type, known);
		}
		return known.heard();
	}

	private int count() {
		int count = 0;
		for (ApplicationContext each = this.context; each instanceof AbstractApplicationContext open; each = parentOf(
				open)) {
			count += open.getApplicationListeners().size();
		}
		return count;
	}

	private boolean isHeard(Class<?> type) {
		ResolvableType event = ResolvableType.forClassWithGenerics(PayloadApplicationEvent.class, type);
		ApplicationContext each = this.context;
		while (each instanceof AbstractApplicationContext open) {
			if (open.getApplicationListeners().stream().anyMatch((listener) -> supports(listener, event))) {
				return true;
			}
			each = parentOf(open);
		}
		return each != null;
	}

	private static @Nullable ApplicationContext parentOf(ApplicationContext context) {
		return context.getParent();
	}

	/**
	 * Spring Boot's own listeners take any event and pick theirs.
	 */
	private static boolean supports(ApplicationListener<?> listener, ResolvableType event) {
		if (listener.getClass().getName().startsWith("org.springframework.boot.")) {
			return false;
		}
		GenericApplicationListener generic = (listener instanceof GenericApplicationListener known) ? known
				: new GenericApplicationListenerAdapter(listener);
		return generic.supportsEventType(event);
	}

	private record Answer(int listeners, boolean heard) {
	}

}
