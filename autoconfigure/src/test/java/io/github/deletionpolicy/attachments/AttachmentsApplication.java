package io.github.deletionpolicy.attachments;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.test.PurgeRunner;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.annotation.EnableScheduling;

/**
 * The application of the example. As its own process it purges and sweeps once, and can
 * be told where to die.
 */
@SpringBootApplication
@EnableScheduling
class AttachmentsApplication {

	static final int KILLED = 9;

	static ConfigurableApplicationContext start(String... arguments) {
		return new SpringApplicationBuilder(AttachmentsApplication.class, Death.class).web(WebApplicationType.NONE)
			.run(arguments);
	}

	public static void main(String[] arguments) {
		try (ConfigurableApplicationContext context = start(arguments)) {
			context.getBean(PurgeRunner.class).runDueAsOf(Instant.now().plus(Duration.ofDays(31)));
			context.getBean(AttachmentSweeper.class).sweep();
		}
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Death {

		@Bean
		@Order
		@ConditionalOnProperty(name = "die", havingValue = "before-commit")
		PurgeListener deathBeforeTheCommit() {
			return (rows) -> Runtime.getRuntime().halt(KILLED);
		}

		@Bean
		@Primary
		@ConditionalOnProperty("die")
		AttachmentFiles mortalFiles(@Value("${attachments.directory}") Path directory,
				@Value("${die}") @Nullable String die) {
			return new AttachmentFiles(directory) {

				@Override
				void delete(UUID id) throws IOException {
					if ("before-removal".equals(die)) {
						Runtime.getRuntime().halt(KILLED);
					}
					super.delete(id);
					if ("after-removal".equals(die)) {
						Runtime.getRuntime().halt(KILLED);
					}
				}

			};
		}

	}

}
