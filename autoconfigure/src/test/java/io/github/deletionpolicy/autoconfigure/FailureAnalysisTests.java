package io.github.deletionpolicy.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What somebody reads when an application does not start.
 */
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalysisTests {

	@Test
	void policyThatCannotBeMeantIsExplained(CapturedOutput output) {
		start("--deletion-policy.tables.users.mode=soft", "--deletion-policy.tables.users.delay=30d");
		assertThat(report(output)).isEqualTo("""
				Description:

				The policy 'users' for table 'users' is soft and has a delay \
				(command-line option --deletion-policy.tables.users.delay).

				Action:

				Remove deletion-policy.tables.users.delay, or write mode: scheduled.
				""");
	}

	@Test
	void valueThatCannotBeMeantIsExplained(CapturedOutput output) {
		start("--deletion-policy.purge.batch-size=0");
		assertThat(report(output)).isEqualTo("""
				Description:

				The property 'deletion-policy.purge.batch-size' has the value '0'.

				Action:

				Write a number from 1 to 100000.
				""");
	}

	@Test
	void unknownPropertyIsExplained(CapturedOutput output) {
		start("--deletion-policy.tables.users.mode=soft", "--deletion-policy.tables.users.dely=30d");
		assertThat(report(output)).isEqualTo("""
				Description:

				No such property: deletion-policy.tables.users.dely \
				(command-line option --deletion-policy.tables.users.dely).

				Action:

				Correct the name, or remove it.

				Under deletion-policy there are: %s.

				A policy under deletion-policy.tables has: %s. A table's name that has a dot goes into its 'table'.
				""".formatted(String.join(", ", UnknownDeletionPolicyPropertyFailureAnalyzer.KNOWN),
				String.join(", ", UnknownDeletionPolicyPropertyFailureAnalyzer.KNOWN_OF_TABLE)));
	}

	@Test
	void unknownModeIsExplainedBySpringBoot(CapturedOutput output) {
		start("--deletion-policy.tables.users.mode=sotf");
		assertThat(report(output)).contains("Property: deletion-policy.tables.users.mode", "HARD", "SOFT", "SCHEDULED");
	}

	@Test
	void unknownPropertyOfOthersIsNoneOfOurBusiness(CapturedOutput output) {
		start("--other.unknown=1");
		assertThat(report(output)).contains("other.unknown").doesNotContain("deletion-policy");
	}

	private static void start(String... arguments) {
		assertThatException().isThrownBy(
				() -> new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE).run(arguments));
	}

	private static String report(CapturedOutput output) {
		String all = output.getOut();
		return all.substring(all.indexOf("Description:")).stripTrailing() + "\n";
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DeletionPolicyAutoConfiguration.class)
	@EnableConfigurationProperties(Others.class)
	static class Application {

	}

	@ConfigurationProperties(prefix = "other", ignoreUnknownFields = false)
	record Others(String known) {
	}

}
