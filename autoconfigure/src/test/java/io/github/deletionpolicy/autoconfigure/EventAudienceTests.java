package io.github.deletionpolicy.autoconfigure;

import io.github.deletionpolicy.DeletionEvent;
import io.github.deletionpolicy.RowsDeletedEvent;
import io.github.deletionpolicy.RowsPurgedEvent;
import org.junit.jupiter.api.Test;

import org.springframework.context.ApplicationContext;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EventAudience}.
 */
class EventAudienceTests {

	@Test
	void nobodyListensToBeginWith() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Object.class)) {
			assertThat(isHeard(context)).isFalse();
		}
	}

	@Test
	void aMethodListensToItsTypeOnly() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(ToPurges.class)) {
			EventAudience audience = new EventAudience(context);
			assertThat(audience.listensTo(RowsPurgedEvent.class)).isTrue();
			assertThat(audience.listensTo(RowsDeletedEvent.class)).isFalse();
		}
	}

	@Test
	void aMethodThatListensToAllOfThemOrToAnythingIsHeard() {
		for (Class<?> listener : new Class<?>[] { ToAllOfThem.class, ToAnything.class }) {
			try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(listener)) {
				assertThat(isHeard(context)).as(listener.getSimpleName()).isTrue();
			}
		}
	}

	@Test
	void aListenerOfTheParentCountsAndSoDoesOneThatComesLater() {
		try (AnnotationConfigApplicationContext parent = new AnnotationConfigApplicationContext(Object.class);
				AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.setParent(parent);
			context.refresh();
			EventAudience audience = new EventAudience(context);
			assertThat(audience.listensTo(RowsDeletedEvent.class)).isFalse();
			parent.addApplicationListener((PayloadApplicationEvent<RowsDeletedEvent> event) -> {
			});
			assertThat(audience.listensTo(RowsDeletedEvent.class)).isTrue();
		}
	}

	private static boolean isHeard(ApplicationContext context) {
		return new EventAudience(context).listensTo(RowsDeletedEvent.class);
	}

	static class ToPurges {

		@EventListener
		void on(RowsPurgedEvent event) {
		}

	}

	static class ToAllOfThem {

		@EventListener
		void on(DeletionEvent event) {
		}

	}

	static class ToAnything {

		@EventListener
		void on(Object event) {
		}

	}

}
